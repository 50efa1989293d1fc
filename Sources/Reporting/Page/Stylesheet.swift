/// The style of every page, for large screens, phones and A4 paper.
package enum Stylesheet {
  static let page = Markup.style(pageRules)
  static let figures = Markup.style(figureRules)

  package static let pageRules: StaticString =
    """
    :root { --ink: #1b1f24; --soft: #55606b; --rule: #d5dade; --ground: #f5f7f8; --accent: #0b4f7a; --paper: #fff;
      --cue: rgb(11 79 122 / .4); }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 58rem; background: #fff; color: var(--ink);
      font: 1rem/1.55 "Source Sans 3", "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
    h1 { font-size: 2rem; line-height: 1.2; margin: .2rem 0 .4rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 .75rem; padding-bottom: .3rem;
      border-bottom: 1px solid var(--rule); color: var(--accent); }
    h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; overflow-wrap: anywhere; }
    p, ul, dl { max-width: 46rem; margin: .6rem 0; overflow-wrap: anywhere; }
    .kind { margin: 0; color: var(--soft); font-weight: 600; }
    .facts { margin: 0; color: var(--soft); }
    .status { margin: 1.5rem 0; padding: .8rem 1.1rem; border: 1px solid; border-left-width: 6px;
      border-radius: 4px; }
    .status p { margin: .15rem 0; }
    .finished { border-color: #1f7a4d; background: #eef7f2; }
    .partial { border-color: #b34700; background: #fdf1e7; }
    .notice { border-color: #0b4f7a; background: #edf4f9; }
    .lead { font-size: 1.15rem; line-height: 1.5; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .9rem;
      margin: 1.3rem 0; padding: 0; list-style: none; max-width: none; }
    .tiles li { padding: .8rem 1rem; border: 1px solid var(--rule); border-radius: 4px; background: var(--ground); }
    .tiles b { display: block; font-size: 1.65rem; line-height: 1.25; font-weight: 600;
      font-variant-numeric: tabular-nums; }
    .tiles span { display: block; font-size: .9rem; line-height: 1.4; }
    .tiles .ci { margin-top: .2rem; }
    .scroll { overflow-x: auto; scrollbar-width: thin; background:
      linear-gradient(to right, var(--paper) 45%, transparent) left / 2.4rem 100% no-repeat local,
      linear-gradient(to left, var(--paper) 45%, transparent) right / 2.4rem 100% no-repeat local,
      linear-gradient(to right, var(--cue), transparent) left / .8rem 100% no-repeat scroll,
      linear-gradient(to left, var(--cue), transparent) right / .8rem 100% no-repeat scroll; }
    .hint { display: none; margin: .9rem 0 -.1rem; color: var(--accent); font-size: .84rem; font-weight: 600; }
    table { border-collapse: collapse; margin: .8rem 0; font-size: .95rem; line-height: 1.35;
      font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
    th, td { padding: .42rem .8rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
    th:first-child, td:first-child { padding-left: 0; }
    thead th { border-bottom: 1.5px solid var(--ink); vertical-align: bottom; }
    td:not(.n) { min-width: 6rem; }
    td.wide { min-width: 13rem; }
    tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 7rem; max-width: 22rem; }
    .n { text-align: right; white-space: nowrap; }
    thead .n { white-space: normal; }
    .total th, .total td { border-top: 1.5px solid var(--ink); border-bottom: 0; font-weight: 600; }
    .ci { display: block; color: var(--soft); font-size: .84rem; font-weight: 400; }
    .tag { font-size: .84rem; color: var(--soft); }
    .right { background: var(--ground); font-weight: 600; }
    .tables { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 0 1.6rem; }
    .warning { font-weight: 600; color: #8a3a00; }
    figure { margin: 1.4rem 0; }
    figcaption { max-width: 46rem; margin-top: .4rem; color: var(--soft); font-size: .92rem; line-height: 1.45; }
    svg { display: block; height: auto; font-family: inherit; }
    svg:not([width]) { width: 100%; }
    .scroll svg { max-width: max(100%, 46rem); }
    div.grid svg .label { font-size: 12px; }
    div.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem 1.4rem; }
    div.roomy { grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr)); }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: .4rem 0 .8rem; max-width: none; }
    .legend span { display: inline-flex; align-items: center; gap: .45rem; }
    .legend svg { width: 34px; flex: none; }
    .panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1.2rem; }
    .panels figure { margin: 0; }
    .panels img { display: block; width: 100%; height: auto; background: #000; image-rendering: auto; }
    summary { cursor: pointer; color: var(--accent); font-weight: 600; }
    .paper { display: none; }
    dt { font-weight: 600; margin-top: .7rem; }
    dd { margin: .1rem 0 0; }
    code { font: .8em/1.5 "Source Code Pro", "Liberation Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
    pre { margin: .6rem 0; padding: .7rem .9rem; background: var(--ground); border: 1px solid var(--rule);
      border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
    footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--rule); color: var(--soft);
      font-size: .9rem; }
    @media (max-width: 40rem) {
      body { padding: 1.25rem 1rem 2rem; }
      h1 { font-size: 1.55rem; }
      .lead { font-size: 1.05rem; }
      th, td { padding: .4rem .5rem; }
      .hint { display: block; }
      table { border-collapse: separate; border-spacing: 0; }
      caption span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2.2rem); }
      tbody th { position: sticky; left: 0; max-width: 8.5rem; background: var(--paper); }
      td.wide { min-width: 15rem; }
      .tiles { grid-template-columns: repeat(2, 1fr); gap: .6rem; }
      .tiles li { padding: .6rem .7rem; }
      .tiles b { font-size: 1.35rem; }
      div.grid svg .title { font-size: 17px; }
      div.grid svg .tick, div.grid svg .label { font-size: 14px; }
    }
    @media print {
      @page { size: A4; margin: 16mm 15mm; }
      html { font-size: 9.5pt; }
      body { padding: 0; max-width: none; }
      footer { margin-top: 1.2rem; break-inside: avoid; }
      .screen { display: none; }
      .paper { display: block; }
      * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      h2, h3, caption { break-after: avoid; }
      figure, tr, .status, .tiles li, dt { break-inside: avoid; }
      dt { break-after: avoid; }
      h2 { margin-top: 1.6rem; }
      .scroll { overflow: visible; background: none; }
      .scroll svg { max-width: 100%; }
      div.grid, div.roomy { grid-template-columns: repeat(2, 1fr); }
      .panels { grid-template-columns: repeat(3, 1fr); }
      .tiles { grid-template-columns: repeat(4, 1fr); gap: .5rem; }
      .tiles li { padding: .5rem .6rem; }
      .tiles b { font-size: 1.3rem; }
      th, td { padding: .3rem .5rem; }
    }
    """

  /// The rules for figures, in a page and in separate files.
  package static let figureRules: StaticString =
    """
    svg text { fill: #1b1f24; font-size: 13px; }
    svg .title { font-weight: 600; font-size: 14px; }
    svg .tick { fill: #55606b; font-size: 12px; }
    svg .count { font-size: 12px; font-weight: 600; font-variant-numeric: tabular-nums; }
    svg .cell { font-size: 13px; font-variant-numeric: tabular-nums; }
    svg .on-dark { fill: #fff; }
    svg .on-light { fill: #000; }
    svg .halo { paint-order: stroke; stroke: #fff; stroke-width: 4px; }
    svg .label { font-variant-numeric: tabular-nums; }
    .axis { stroke: #55606b; stroke-width: 1; }
    svg line.grid { stroke: #e3e7ea; stroke-width: 1; }
    .reference { stroke: #7b858e; stroke-width: 1.2; stroke-dasharray: 5 4; }
    .rule { stroke: #1b1f24; stroke-width: 1; }
    .own { fill: none; }
    .own.dark { stroke: #000; stroke-width: 2; }
    .own.light { stroke: #fff; stroke-width: 1.5; }
    .ring { fill: none; stroke: #1b1f24; stroke-width: 1.4; }
    """
}
