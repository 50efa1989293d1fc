import Reporting

/// One page of the dashboard, without the frame that all have.
protocol Page {
  var title: String { get }
  /// The address that the navigation marks as the current one.
  var place: String? { get }
  /// What must change for the page to renew itself, as ``EventStream`` writes it; `all` for anything, nil for never.
  var topic: String? { get }
  @MarkupBuilder var content: Markup { get }
}

extension Page {
  var place: String? { nil }
  var topic: String? { nil }
}
