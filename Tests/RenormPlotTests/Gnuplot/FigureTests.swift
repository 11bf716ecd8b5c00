import Foundation
import RenormFiles
import Testing

@testable import RenormPlot

/// Scripts, and the files that gnuplot makes of them.
@Suite struct FigureTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private var figure: Figure {
    var figure = Figure(height: 6)
    let data = figure.data([[1, 2], [2, .nan], [3, .infinity], [4, 1e-7]])
    figure.label("title", .plain("a_b^{c} 'x' @ & ~ \\ <tag>"))
    figure.label("xlabel", .symbol("λ", subscript: "1"))
    figure.plot(["\(data) using 1:2 with linespoints title \(GnuplotText.plain("curve_1").quoted)"])
    return figure
  }

  @Test func dataStandInTheScript() {
    let script = Script(figure)
    #expect(
      script.lines.contains("1.0 2.0") && script.lines.contains("2.0 NaN") && script.lines.contains("3.0 NaN"))
    #expect(script.data(1).count == 4 && script.data(1)[3] == [4, 1e-7])
    #expect(script.titles == [#"curve\_1"#])
  }

  @Test func formatsByExtension() throws {
    #expect(try PictureFormat(path: "a/b.svg") == .svg)
    #expect(try PictureFormat(path: "B.PNG") == .png)
    #expect(try PictureFormat(path: "x.tar.pdf") == .pdf)
    for path in ["figure", "figure.jpg", ".svg", "svg", "dir.svg/figure", ""] {
      #expect(throws: PlotError.unknownFormat(path: path)) { try PictureFormat(path: path) }
    }
  }

  /// All formats are one column wide: 8.6 cm.
  @Test func sizes() {
    #expect(PictureFormat.pdf.terminal(height: 6.25).contains("size 8.6cm,6.25cm"))
    #expect(PictureFormat.png.terminal(height: 6).contains("size 1016,709"))
    #expect(PictureFormat.svg.terminal(height: 6).contains("size 325,227"))
  }

  @Test(.needsGnuplot)
  func pictures() throws {
    for format in PictureFormat.allCases {
      #expect(try figure.write(to: scratch.path("one.\(format.rawValue)")).isEmpty)
      #expect(try figure.write(to: scratch.path("two.\(format.rawValue)")).isEmpty)
      #expect(try scratch.bytes("one.\(format.rawValue)") == scratch.bytes("two.\(format.rawValue)"))
    }
    let png = try scratch.bytes("one.png")
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    // Width and height stand in the first chunk, big-endian.
    let sizes = [16, 20].map { start in png[start..<start + 4].reduce(0) { 256 * $0 + Int($1) } }
    #expect(sizes == [1016, 709])
    let pdf = try scratch.bytes("one.pdf")
    #expect(pdf.starts(with: Array("%PDF-".utf8)))
    #expect(String(decoding: pdf, as: UTF8.self).contains("/CreationDate (D:20000101000000"))
    let svg = String(decoding: try scratch.bytes("one.svg"), as: UTF8.self)
    let content = svg.replacing(/<[^>]*>/, with: "")
    for text in ["a_b^{c} 'x' @ ", "~ \\ ", "curve_1"] { #expect(content.contains(text), "\(text)") }
    #expect(scratch.names().count == 6)
  }

  @Test(.needsGnuplot)
  func errorsOfGnuplot() throws {
    var broken = Figure(height: 6)
    broken.add("plot nothing_of_this_name")
    try scratch.file("old.svg", "old")
    for name in ["new.svg", "old.svg"] {
      do {
        try broken.write(to: scratch.path(name))
        Issue.record("drawn")
      } catch PlotError.drawingFailed(let reason) {
        #expect(
          reason.contains("nothing_of_this_name") && !reason.contains("/") && !reason.contains("\n"),
          "\(reason)")
      }
    }
    #expect(scratch.names() == ["old.svg"])
    #expect(try scratch.bytes("old.svg") == Array("old".utf8))
    #expect(throws: DataError.self) { try figure.write(to: scratch.path("nowhere/new.svg")) }
  }
}
