import Reporting

/// The content of a page of the dashboard. ``PageFrame`` adds the parts that all pages share.
protocol Page {
  var title: String { get }
  /// The address of the page in the navigation, which marks it as the current one; `nil` if the navigation
  /// does not list the page.
  var place: String? { get }
  /// The change after which an open page updates itself, in the form in which ``EventStream`` sends it. `all`
  /// means any change; `nil` means that the page never updates itself.
  var topic: String? { get }
  @MarkupBuilder var content: Markup { get }
}

extension Page {
  var place: String? { nil }
  var topic: String? { nil }
}
