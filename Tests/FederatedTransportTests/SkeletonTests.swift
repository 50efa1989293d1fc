import Testing

@testable import FederatedTransport
