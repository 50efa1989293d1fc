/// The version of this release, as run records and reports state it.
public let consiliumVersion = "0.1.0"
