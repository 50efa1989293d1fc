import Credentials
import FederatedCore
import Foundation
import HTTPTypes
import HummingbirdTLS
import HummingbirdTesting
import Logging
import NIOSSL
import ServiceLifecycle
import Synchronization
import Testing

@testable import Dashboard

@Suite struct CertificateTests {
  private final class Revoked: Sendable {
    let names = Mutex<Set<String>>([])
  }

  /// The dashboard's own certificate, which can be renewed.
  private final class Own: Sendable {
    private let leaf: Mutex<TestAuthority.Leaf>

    init(_ leaf: TestAuthority.Leaf) { self.leaf = Mutex(leaf) }

    func renew(_ new: TestAuthority.Leaf) { leaf.withLock { $0 = new } }

    var certificate: DashboardConfiguration.TLS.Certificate {
      leaf.withLock { .init(chainPEM: $0.certificatePEM, privateKeyPEM: $0.privateKeyPEM) }
    }
  }

  private let authority: TestAuthority
  private let own: Own
  private let revoked = Revoked()

  init() throws {
    authority = try TestAuthority()
    own = Own(try authority.leaf("coordinator/main"))
  }

  /// Runs the whole service with TLS, and passes its port to the body.
  private func serve(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("board-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (own, revoked) = (own, revoked)
    let tls = DashboardConfiguration.TLS(authorityPEM: authority.pem, own: { own.certificate }) {
      certificate in
      let party = try TestAuthority.party(of: certificate)
      guard !revoked.names.withLock({ $0.contains(party.name) }) else {
        throw ConsiliumError(.invalidInput, "the certificate of \(party) was revoked")
      }
      return party
    }
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let service = try DashboardService(
      configuration: DashboardConfiguration(port: 0, tls: tls, tokens: SignInTokens(folder: folder)),
      source: SampleSource(), logger: logger
    ) { continuation.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      let port = try #require(await ports.first { _ in true })
      do { try await body(port) } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// Returns the response to a browser with or without a certificate.
  private func get(
    _ address: String, _ port: Int, _ leaf: TestAuthority.Leaf?,
    _ change: (inout TLSConfiguration) -> Void = { _ in }
  ) async throws -> TestClient.Response {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = try .certificates(NIOSSLCertificate.fromPEMBytes(Array(authority.pem.utf8)))
    if let leaf {
      tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(leaf.certificatePEM.utf8)).map {
        .certificate($0)
      }
      tls.privateKey = try .privateKey(NIOSSLPrivateKey(bytes: Array(leaf.privateKeyPEM.utf8), format: .pem))
    }
    change(&tls)
    return try await TestClient.withClient(
      host: "127.0.0.1", port: port, configuration: .init(tlsConfiguration: tls, serverName: "localhost")
    ) { client in try await client.get(address, headers: [.accept: "text/html", .connection: "close"]) }
  }

  @Test(arguments: [Role.lead, .operator, .observer]) func roleComesFromTheCertificate(role: Role)
    async throws
  {
    let leaf = try authority.leaf("\(role.rawValue)/keller")
    try await serve { port in
      let response = try await get("/studies/lgg-brain-mri", port, leaf)
      #expect(response.status == .ok)
      let page = try PageInspector(String(buffer: try #require(response.body)))
      #expect(page.text.contains("keller (\(role.rawValue))"))
      #expect(page.all("form").isEmpty == (role == .observer))
      // A visitor signed in by certificate cannot sign out.
      #expect(!page.all("form").contains { $0.attributes["action"] == "/sign-out" })
      #expect(response.headers[.strictTransportSecurity] == "max-age=31536000")
    }
  }

  @Test func renewedCertificateIsUsedFromTheNextConnection() async throws {
    let other = try TestAuthority("Another authority")
    let trustOther: @Sendable (inout TLSConfiguration) -> Void = {
      $0.trustRoots = (try? NIOSSLCertificate.fromPEMBytes(Array(other.pem.utf8))).map { .certificates($0) }
    }
    try await serve { port in
      #expect(try await get("/sign-in", port, nil).status == .ok)
      own.renew(try other.leaf("coordinator/main"))
      #expect(try await get("/sign-in", port, nil, trustOther).status == .ok)
      await #expect(throws: (any Error).self) { try await get("/sign-in", port, nil) }
      // An unreadable certificate does not stop the service: the first certificate stays in use.
      own.renew(.init(certificatePEM: "x", privateKeyPEM: "y"))
      #expect(try await get("/sign-in", port, nil).status == .ok)
    }
  }

  @Test func browserWithoutCertificateGetsTheSignInPage() async throws {
    try await serve { port in
      #expect(try await get("/", port, nil).headers[.location] == "/sign-in")
      let page = try await get("/sign-in", port, nil)
      #expect(page.status == .ok)
      let cookie = try #require(page.headers[.setCookie])
      #expect(cookie.hasPrefix("__Host-consilium-visit="))
      for property in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        #expect(cookie.contains(property))
      }
    }
  }

  @Test(arguments: ["site/DU", "coordinator/main"]) func rejectsMachineCertificates(name: String) async throws
  {
    let leaf = try authority.leaf(name)
    try await serve { port in
      #expect(try await get("/", port, leaf).status == .seeOther)
      let page = String(buffer: try #require(try await get("/sign-in", port, leaf).body))
      #expect(page.contains("The certificate of \(name) belongs to a machine."))
    }
  }

  @Test func revocationTakesEffectAtOnce() async throws {
    let leaf = try authority.leaf("lead/mertens")
    try await serve { port in
      #expect(try await get("/", port, leaf).status == .ok)
      revoked.names.withLock { _ = $0.insert("mertens") }
      #expect(try await get("/", port, leaf).status == .seeOther)
      let page = String(buffer: try #require(try await get("/sign-in", port, leaf).body))
      #expect(page.contains("the certificate of lead/mertens was revoked"))
    }
  }

  @Test func rejectsCertificateOfAnotherAuthority() async throws {
    let leaf = try TestAuthority("Another").leaf("lead/mallory")
    try await serve { port in
      await #expect(throws: (any Error).self) { try await get("/", port, leaf) }
      let alive = try await get("/healthz", port, nil)
      #expect(alive.status == .ok)
    }
  }

  @Test func rejectsOldTLSAndPlaintext() async throws {
    try await serve { port in
      await #expect(throws: (any Error).self) {
        try await get("/healthz", port, nil) { $0.maximumTLSVersion = .tlsv12 }
      }
      await #expect(throws: (any Error).self) {
        try await TestClient.withClient(host: "127.0.0.1", port: port) { try await $0.get("/healthz") }
      }
      let alive = try await get("/healthz", port, nil)
      #expect(alive.status == .ok)
    }
  }

  @Test(arguments: ["0.0.0.0", "192.0.2.7", "dashboard.example.org", "::", "127.evil.example"])
  func servesOnlyLoopbackWithoutTLS(address: String) throws {
    let tokens = try SignInTokens(
      folder: FileManager.default.temporaryDirectory.appendingPathComponent("board-tokens"))
    #expect(throws: ConsiliumError.self) {
      try DashboardService(
        configuration: DashboardConfiguration(address: address, port: 0, tls: nil, tokens: tokens),
        source: SampleSource(), logger: Logger(label: "test"))
    }
  }

  @Test func namesUnusablePEMWithoutQuotingIt() async throws {
    let leaf = try authority.leaf("coordinator/main")
    let secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    for (certificate, key, root, name) in [
      ("x", leaf.privateKeyPEM, authority.pem, "certificate"),
      (leaf.certificatePEM, secret, authority.pem, "private key"),
      (leaf.certificatePEM, leaf.privateKeyPEM, "", "authority"),
      (
        leaf.certificatePEM, try authority.leaf("coordinator/main").privateKeyPEM, authority.pem,
        "do not belong together"
      ),
    ] {
      let tls = DashboardConfiguration.TLS(
        authorityPEM: root, own: { .init(chainPEM: certificate, privateKeyPEM: key) }
      ) { try TestAuthority.party(of: $0) }
      let error = #expect(throws: ConsiliumError.self) { try tls.server() }
      #expect(error?.message.contains(name) == true)
      #expect(error?.message.contains("c2VjcmV0") == false)
    }
  }
}
