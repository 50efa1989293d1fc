/// The styles that the dashboard adds to the styles of reports.
enum DashboardStyle {
  static let rules: StaticString =
    """
    :root { color-scheme: light dark; --paper: #fff; --good: #1a6b43; --warn: #8a3a00; --bad: #a3123a; --busy: #0b4f7a;
      --button: #0b4f7a; --on-button: #fff; --danger: #a3123a; --cue: rgb(11 79 122 / .4); }
    body { background: var(--paper); max-width: 68rem; padding-top: 0; }
    a { color: var(--accent); text-underline-offset: .15em; }
    a:hover { text-decoration-thickness: 2px; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
    main:focus { outline: none; }
    .skip { position: absolute; left: 1rem; top: -4rem; padding: .6rem 1rem; background: var(--button);
      color: var(--on-button); z-index: 2; }
    .skip:focus { top: .5rem; }
    .bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.6rem; padding: .8rem 0;
      border-bottom: 1px solid var(--rule); margin-bottom: 1.8rem; }
    .bar p, .bar ul { margin: 0; }
    .brand a { font-weight: 700; font-size: 1.1rem; text-decoration: none; }
    .bar ul { display: flex; gap: .3rem 1.2rem; list-style: none; padding: 0; }
    .bar nav a { display: inline-block; padding: .3rem 0; text-decoration: none; }
    .bar nav a[aria-current] { border-bottom: 3px solid var(--accent); font-weight: 600; }
    .who { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .9rem; margin-left: auto;
      color: var(--soft); font-size: .92rem; }
    .who b { color: var(--ink); overflow-wrap: anywhere; }
    main > h1:first-child { margin-top: 0; }
    section > h2:first-child { margin-top: 2.4rem; }
    h2.plain { margin: 0 0 .2rem; padding: 0; border: 0; font-size: 1rem; color: inherit; }
    .status ul { margin: .2rem 0; padding-left: 1.2rem; }
    .trail ol { display: flex; flex-wrap: wrap; gap: 0 .5rem; margin: 0 0 .3rem; padding: 0; list-style: none;
      font-size: .92rem; }
    .trail li::after { content: "›"; margin-left: .5rem; color: var(--soft); }
    dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .6rem 1.6rem;
      max-width: none; margin: 1.2rem 0; color: inherit; }
    dl.facts dt { margin: 0; font-size: .84rem; font-weight: 400; color: var(--soft); }
    dl.facts .whole { grid-column: 1 / -1; }
    dl.facts dd { overflow-wrap: anywhere; }
    table { width: 100%; }
    td:not(.n) { min-width: 5rem; }
    tbody th b { font-weight: 600; }
    tbody th.short { min-width: 0; white-space: nowrap; }
    caption { font-weight: 400; color: var(--soft); font-size: .92rem; }
    .under { display: block; color: var(--soft); font-size: .84rem; font-weight: 400; }
    /* A shade at each end that hides more content; the content covers it when scrolled to its end. */
    .scroll { scrollbar-width: thin; background:
      linear-gradient(to right, var(--paper) 45%, transparent) left / 2.4rem 100% no-repeat local,
      linear-gradient(to left, var(--paper) 45%, transparent) right / 2.4rem 100% no-repeat local,
      linear-gradient(to right, var(--cue), transparent) left / .8rem 100% no-repeat scroll,
      linear-gradient(to left, var(--cue), transparent) right / .8rem 100% no-repeat scroll; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    input.choice { width: 1.3rem; height: 1.3rem; margin: .2rem 0; accent-color: var(--accent); }
    p .local { display: inline; margin-left: .4em; }
    .sign { display: inline-flex; align-items: baseline; gap: .4em; font-weight: 600; }
    .sign .shape { flex: none; width: 1.1em; text-align: center; font-family: "DejaVu Sans", "Segoe UI Symbol", sans-serif; }
    .sign.good { color: var(--good); }
    .sign.fine { font-weight: 400; }
    .sign.fine .shape { color: var(--good); font-weight: 600; }
    .sign.warning { color: var(--warn); }
    .sign.bad { color: var(--bad); }
    .sign.busy { color: var(--busy); }
    .sign.quiet { color: var(--soft); font-weight: 400; }
    progress { display: block; width: 8rem; max-width: 100%; height: .7rem; margin: .35rem 0 .1rem; border: 1px solid var(--soft);
      border-radius: 3px; background: var(--paper); appearance: none; overflow: hidden; }
    progress::-webkit-progress-bar { background: var(--paper); }
    progress::-webkit-progress-value { background: var(--accent); }
    progress::-moz-progress-bar { background: var(--accent); }
    form { margin: 0; }
    label { display: block; margin: .8rem 0 .25rem; font-weight: 600; }
    input[type=text], textarea { width: 100%; max-width: 32rem; padding: .55rem .7rem; font: inherit; color: var(--ink);
      background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; }
    #token { font-family: "Source Code Pro", "Liberation Mono", Menlo, Consolas, monospace; letter-spacing: .04em; }
    button { min-height: 2.75rem; padding: .5rem 1.1rem; font: inherit; font-weight: 600; color: var(--on-button);
      background: var(--button); border: 1px solid var(--button); border-radius: 4px; cursor: pointer; }
    button:hover { filter: brightness(1.15); }
    button.plain { min-height: 2rem; padding: .15rem .6rem; color: var(--accent); background: none; border-color: var(--rule);
      font-weight: 400; }
    button.danger { background: var(--danger); border-color: var(--danger); margin-top: .8rem; }
    .actions { display: flex; flex-wrap: wrap; align-items: flex-start; gap: .8rem 1.2rem; margin: 1.4rem 0; }
    .actions details { flex: 1 1 16rem; }
    summary { padding: .6rem 0; color: var(--accent); cursor: pointer; }
    .actions details[open] { padding: 0 1rem 1rem; border: 1px solid var(--rule); border-radius: 4px; }
    .narrow { max-width: 34rem; }
    .narrow button { margin-top: .6rem; }
    .steps { display: flex; justify-content: space-between; margin-top: 2.5rem; }
    td code { white-space: nowrap; }
    td.wide code { white-space: normal; }
    .live { min-height: 1.4em; }
    @media (max-width: 40rem) {
      body { padding-top: 0; }
      .bar { margin-bottom: 1.2rem; }
      .who { margin-left: 0; width: 100%; justify-content: space-between; }
      .scroll { margin-right: -1rem; padding-right: 1rem; }
      table { border-collapse: separate; border-spacing: 0; }
      /* Use heights in whole pixels; otherwise a row's fixed heading hides the line above it. */
      th, td { padding: 6px .5rem; line-height: 21px; }
      .under, .ci { line-height: 18px; }
      tbody th { position: sticky; left: 0; max-width: 8.5rem; background: var(--paper); }
      progress { width: 5rem; }
      div.grid svg .title { font-size: 17px; }
      div.grid svg .tick { font-size: 15px; }
      td:not(.n) { min-width: 6.5rem; }
      td.wide { min-width: 14rem; }
      .actions form, .actions button { width: 100%; }
    }
    @media print {
      .bar nav, .who form, .skip, .actions, .live, noscript, .steps, details:not([open]) { display: none; }
      .bar { margin-bottom: 1rem; }
      h1 { margin-top: 0; }
      a { color: inherit; text-decoration: none; }
      table { font-size: .9rem; }
    }
    @media (forced-colors: active) {
      .status { border-left-width: 6px; }
      progress::-webkit-progress-value { background: CanvasText; }
    }
    """

  /// The line colour on a dark background for each colour of ``Palette``.
  static let darkInks: KeyValuePairs = [
    "#d55e00": "#ff9a4d", "#007f5c": "#35c99b", "#aa4499": "#e08bd0", "#8c6d00": "#d9b400",
    "#332288": "#a79bff", "#7a1f3d": "#ff7fa3", "#0072b2": "#56b4e9", "#4d4d4d": "#c8ccd0",
  ]
  /// The dark background.
  static let darkPaper = "#14181c"

  static var darkRules: String {
    let inks = darkInks.map { light, dark in
      "[stroke=\"\(light)\"] { stroke: \(dark); } [fill=\"\(light)\"] { fill: \(dark); }"
    }.joined(separator: " ")
    return """
      @media screen and (prefers-color-scheme: dark) {
      :root { --ink: #e6eaee; --soft: #a3aeb8; --rule: #37414a; --ground: #1d2329; --accent: #7cc0ea; --paper: \(darkPaper);
        --good: #5fcb94; --warn: #ffb370; --bad: #ff8fa8; --busy: #7cc0ea; --button: #2b77a8; --on-button: #fff;
        --danger: #c22f55; --cue: rgb(124 192 234 / .5); }
      .finished { border-color: #3d9c6c; background: #13251c; }
      .partial { border-color: #d9823b; background: #2a1d12; }
      .notice { border-color: #4d9ccc; background: #12222d; }
      .warning { color: var(--warn); }
      svg text { fill: #e6eaee; }
      svg .tick { fill: #a3aeb8; }
      svg .on-dark { fill: #fff; }
      svg .on-light { fill: #000; }
      svg .halo { stroke: \(darkPaper); }
      .axis { stroke: #a3aeb8; }
      svg line.grid { stroke: #2b333b; }
      .rule, .ring { stroke: #e6eaee; }
      \(inks)
      }
      """
  }
}
