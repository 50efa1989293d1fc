import Foundation
import ParameterFiles
import Provisioning

extension AuthorityFolder {
  /// Opens the authority that a command names, and says on standard error if its folder was open to others.
  static func opened(_ path: String) throws -> AuthorityFolder {
    let folder = try AuthorityFolder(URL(fileURLWithPath: path))
    OwnerOnly.closingNote(folder.closed, in: folder.url).map(Console.current.printError)
    return folder
  }
}
