import Reporting

/// The content of a page of the dashboard. ``PageFrame`` adds the parts that all pages share.
protocol Page {
  var title: String { get }
  /// The address that the navigation marks as the current one.
  var place: String? { get }
  /// The change after which an open page reloads itself, in the form in which ``EventStream`` sends it. `all`
  /// means any change; `nil` means that the page never reloads itself.
  var topic: String? { get }
  @MarkupBuilder var content: Markup { get }
}

extension Page {
  var place: String? { nil }
  var topic: String? { nil }
}
