/// Colours and markers of all pictures.
///
/// Lines take the colours of Okabe and Ito (Color Universal Design, 2008), which readers with any of the common
/// colour deficiencies tell apart, and differ in marker and dashes too.
enum Style {
  static let blue = "#0072B2"
  static let vermillion = "#D55E00"
  static let green = "#009E73"
  static let grey = "#808080"

  private static let colors = [
    blue, vermillion, green, "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]
  /// gnuplot's numbers of filled markers, and of the same shapes open.
  private static let markers = [(7, 6), (5, 4), (9, 8), (13, 12), (11, 10), (15, 14)]

  /// The most curves that one picture can hold.
  static let largestCurveCount = 12

  static func color(_ curve: Int) -> String { colors[curve % colors.count] }
  static func marker(_ curve: Int) -> Int { markers[curve % markers.count].0 }
  static func openMarker(_ curve: Int) -> Int { markers[curve % markers.count].1 }
  /// gnuplot's number of a dash pattern; 1 is a solid line.
  static func dashes(_ curve: Int) -> Int { 2 + curve % 4 }

  /// How the third and fourth column of data hold error bars.
  enum Bars {
    case symmetric
    case lowerAndUpperEnd
  }

  /// Error bars alone, so that points can lie over all of them.
  ///
  /// - Parameter crowd: the number of points; bars of many are pale, so that their points stand out.
  static func errorBars(
    _ data: String, _ style: Int, _ bars: Bars = .symmetric, lineWidth: Double = 0.7, crowd: Int = 0
  ) -> String {
    // The transparency stands before the colour.
    let color = crowd > 150 ? (crowd > 500 ? "#D0" : "#80") + color(style).dropFirst() : color(style)
    let ends = bars == .symmetric ? "1:($2-$3):(0):(2*$3)" : "1:3:(0):($4-$3)"
    return
      "\(data) using \(ends) with vectors nohead linecolor rgb '\(color)' linewidth \(lineWidth) notitle"
  }

  /// Error bars, and the points over all of them.
  static func barsAndPoints(
    _ data: String, _ style: Int, _ bars: Bars = .symmetric, size: Double, crowd: Int = 0, title: GnuplotText?
  ) -> [String] {
    [
      errorBars(data, style, bars, lineWidth: 0.4, crowd: crowd),
      "\(data) using 1:2 with points linecolor rgb '\(color(style))' pointtype \(marker(style)) "
        + "pointsize \(size) "
        + (title.map { "title \($0.quoted)" } ?? "notitle"),
    ]
  }

  /// viridis: brightness grows with the value.
  static let sequential = palette([
    "#440154", "#482878", "#3E4989", "#31688E", "#26828E", "#1F9E89", "#35B779", "#6ECE58", "#B5DE2B",
    "#FDE725",
  ])

  /// For signed numbers: blue below zero, vermillion above, darker with size.
  static let diverging = palette(["#002B45", blue, "#8FC1DE", "#F7F7F7", "#EBB086", vermillion, "#4F2300"])

  /// For shares: from white.
  static let share = palette(["#FFFFFF", "#8FC1DE", blue, "#003D66"])

  private static func palette(_ colors: [String]) -> String {
    let stops = colors.enumerated().map { "\($0) '\($1)'" }
    return "set palette defined (\(stops.joined(separator: ", ")))"
  }

  /// What every script begins with.
  static let common = [
    "set encoding utf8",
    "set minussign",
    "set border linewidth 0.5 linecolor rgb '#404040'",
    "set tics nomirror scale 0.6 textcolor rgb 'black'",
    "set format '%h'",
    "set pointsize 0.5",
    "set bars small",
    "set key noopaque reverse Left samplen 1.5 spacing 0.95",
    "set title offset 0,-0.5",
    "set xlabel offset 0,0.4",
    "set ylabel offset 0.8,0",
    "set tmargin 2",
    "set bmargin 3",
    "set rmargin 1.5",
  ]
}
