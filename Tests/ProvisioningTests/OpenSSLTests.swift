import Credentials
import Foundation
import TestSupport
import Testing

@testable import Provisioning

/// Checks our files with an independent program.
@Suite(.enabled(if: OpenSSL.executable != nil, "openssl is not installed")) struct OpenSSLTests {
  @Test func opensslVerifiesOurRequest() throws {
    try withTemporaryFolder { folder in
      let files = IdentityFolder(folder.appending(path: "DU"))
      _ = try files.enrol(Party(role: .site, name: "DU"), consortium: "Glioma North")
      let answer = try OpenSSL.run("req", "-in", files.request.path, "-verify", "-noout", "-text")
      #expect(answer.status == 0)
      #expect(answer.text.contains("verify OK"))
      #expect(answer.text.contains("CN = DU") || answer.text.contains("CN=DU"))
      #expect(answer.text.contains("URI:urn:consilium:Glioma%20North:site:DU"))
    }
  }

  @Test func opensslVerifiesTheChainForEachPurpose() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      try place.join(.site, "DU")
      try place.join(
        .coordinator, "hub",
        addresses: [ServerAddress(dns: "hub.example.org"), ServerAddress(ip: "2001:db8::7")])
      func verify(_ name: String, _ more: String...) throws -> Int32 {
        let files = place.member(name)
        let time = String(Int(noon.timeIntervalSince1970))
        return try OpenSSL.run(
          ["verify", "-x509_strict", "-attime", time, "-CAfile", files.authority.path] + more
            + [files.certificate.path]
        ).status
      }
      #expect(try verify("DU", "-purpose", "sslclient") == 0)
      #expect(try verify("DU", "-purpose", "sslserver") != 0)
      #expect(try verify("hub", "-purpose", "sslclient") == 0)
      #expect(try verify("hub", "-purpose", "sslserver", "-verify_hostname", "hub.example.org") == 0)
      #expect(try verify("hub", "-purpose", "sslserver", "-verify_ip", "2001:db8::7") == 0)
      #expect(try verify("hub", "-purpose", "sslserver", "-verify_hostname", "example.org") != 0)
    }
  }

  @Test func opensslPrintsTheExpectedFields() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      let identity = try place.join(.site, "DU")
      let leaf = try OpenSSL.run(
        "x509", "-in", place.member("DU").certificate.path, "-noout", "-text", "-serial", "-fingerprint",
        "-sha256")
      for line in [
        "Version: 3", "ecdsa-with-SHA256", "prime256v1", "CA:FALSE", "Digital Signature",
        "TLS Web Client Authentication", "URI:urn:consilium:test:site:DU",
        "serial=\(identity.certificate.serial.uppercased())", "Authority Key Identifier",
      ] {
        #expect(leaf.text.contains(line), "\(line)")
      }
      #expect(!leaf.text.contains("TLS Web Server Authentication"))
      #expect(leaf.text.replacing(":", with: "").lowercased().contains(identity.certificate.fingerprint))
      let root = try OpenSSL.run("x509", "-in", place.authority.files.certificate.path, "-noout", "-text")
      for line in [
        "X509v3 Basic Constraints: critical", "CA:TRUE, pathlen:0", "X509v3 Key Usage: critical",
        "Certificate Sign, CRL Sign",
      ] {
        #expect(root.text.contains(line), "\(line)")
      }
    }
  }

  @Test func opensslReadsOurKeyAndVerifiesOurSignature() throws {
    try withTemporaryFolder { folder in
      let identity = try Place(folder).join(.site, "DU")
      let files = IdentityFolder(folder.appending(path: "DU"))
      #expect(try OpenSSL.run("pkey", "-in", files.key.path, "-noout", "-check").status == 0)
      let signature = try identity.sign(Data("round 3".utf8), at: noon)
      let (statement, value) = (folder.appending(path: "statement"), folder.appending(path: "value"))
      let key = folder.appending(path: "public.pem")
      try Data("consilium-statement-1\n2027-01-15T08:00:00Z\nround 3".utf8).write(to: statement)
      try signature.value.write(to: value)
      let publicKey = try OpenSSL.run("x509", "-in", files.certificate.path, "-pubkey", "-noout")
      try Data(publicKey.text.utf8).write(to: key)
      let answer = try OpenSSL.run(
        "dgst", "-sha256", "-verify", key.path, "-signature", value.path, statement.path)
      #expect(answer.status == 0, "\(answer.text)")
    }
  }

  @Test func acceptsOpensslRequestsButNotRSA() throws {
    try withTemporaryFolder { folder in
      let place = try Place(folder)
      func request(_ kind: String...) throws -> CertificateRequest {
        let file = folder.appending(path: "made.csr")
        let answer = try OpenSSL.run(
          [
            "req", "-new", "-nodes", "-subj", "/CN=FG", "-addext",
            "subjectAltName=URI:urn:consilium:test:site:FG",
          ]
            + ["-keyout", folder.appending(path: "made.key").path, "-out", file.path] + kind)
        #expect(answer.status == 0, "\(answer.text)")
        return try CertificateRequest(file: file)
      }
      let elliptic = try request("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
      #expect(try place.authority.issue(elliptic, now: noon).party.description == "site/FG")
      #expect(throws: (any Error).self) { try request("-newkey", "rsa:2048") }
    }
  }
}

/// The program `openssl`.
enum OpenSSL {
  static let executable = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static func run(_ arguments: String...) throws -> (status: Int32, text: String) { try run(arguments) }

  /// The program's standard output and standard error together.
  static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: executable ?? "/usr/bin/openssl")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
