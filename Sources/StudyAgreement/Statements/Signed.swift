import Credentials
import FederatedCore
import Foundation

/// A statement with the signature of who stands for it.
public struct Signed<Content: Statement>: Codable, Sendable, Equatable {
  public var statement: Content
  public var signature: Signature

  public init(_ statement: Content, signature: Signature) {
    (self.statement, self.signature) = (statement, signature)
  }

  /// Signs a statement.
  ///
  /// - Parameter sign: what signs, such as ``Identity/sign(_:)``.
  public init(_ statement: Content, sign: (Data) throws(ConsiliumError) -> Signature) throws(ConsiliumError) {
    self.init(statement, signature: try sign(try statement.canonicalBytes()))
  }

  public var signer: Party { signature.signer }

  /// Verifies the signature and its certificate.
  ///
  /// - Parameters:
  ///   - party: who must have signed.
  ///   - date: when the certificate must have been valid, where the signature has no time of its own.
  /// - Throws: ``ConsiliumError`` that says why it does not count.
  public func verify(by authority: Authority, from party: Party, at date: Date) throws(ConsiliumError) {
    let signer = try authority.verify(signature, over: try statement.canonicalBytes(), at: date)
    guard signer == party else {
      throw ConsiliumError(.invalidInput, "it was signed by \(signer); expected \(party)")
    }
  }

  /// Verifies the signature and its certificate.
  ///
  /// - Parameter role: the role that the signer must have.
  /// - Returns: who signed.
  /// - Throws: ``ConsiliumError`` that says why it does not count.
  @discardableResult
  public func verify(by authority: Authority, role: Role, at date: Date) throws(ConsiliumError) -> Party {
    let signer = try authority.verify(signature, over: try statement.canonicalBytes(), at: date)
    guard signer.role == role else {
      throw ConsiliumError(.invalidInput, "it was signed by \(signer); expected a \(role.rawValue)")
    }
    return signer
  }
}
