import Credentials
import X509

/// What a party asks the consortium's authority to certify.
struct CertificateRequest {
  var party: Party
}
