import Credentials
import FederatedCore
import Foundation

/// A statement with the signature of the party that vouches for it.
public struct Signed<Content: Statement>: Codable, Sendable, Equatable {
  public var statement: Content
  public var signature: Signature

  public init(_ statement: Content, signature: Signature) {
    self.statement = statement
    self.signature = signature
  }

  /// Signs a statement.
  ///
  /// - Parameter sign: The signing function, such as ``Identity/sign(_:at:)``.
  public init(_ statement: Content, sign: (Data) throws(ConsiliumError) -> Signature) throws(ConsiliumError) {
    self.init(statement, signature: try sign(try statement.canonicalBytes()))
  }

  public var signer: Party { signature.signer }

  /// Verifies the signature and its certificate.
  ///
  /// - Parameters:
  ///   - party: The party that must have signed.
  ///   - date: The date at which the certificate must have been valid, if the signature states no time.
  /// - Throws: ``ConsiliumError`` that states why the signature is invalid.
  public func verify(by authority: Authority, from party: Party, at date: Date) throws(ConsiliumError) {
    let signer = try authority.verify(signature, over: try statement.canonicalBytes(), at: date)
    guard signer == party else {
      throw ConsiliumError(.invalidInput, "it was signed by \(signer); expected \(party)")
    }
  }

  /// Verifies the signature and its certificate.
  ///
  /// - Parameter role: The role that the signer must have.
  /// - Returns: The signer.
  /// - Throws: ``ConsiliumError`` that states why the signature is invalid.
  @discardableResult
  public func verify(by authority: Authority, role: Role, at date: Date) throws(ConsiliumError) -> Party {
    let signer = try authority.verify(signature, over: try statement.canonicalBytes(), at: date)
    guard signer.role == role else {
      throw ConsiliumError(.invalidInput, "it was signed by \(signer); expected a \(role.rawValue)")
    }
    return signer
  }
}
