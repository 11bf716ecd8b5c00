internal import Renorm
internal import RenormFiles
internal import RenormNextOrder

/// The laws of the largest readout and of all others, in theory and sampled (docs/condensed.md).
public struct NeuronsPlot: Sendable {
  private let theory: ReadoutLaw?
  private let sampled: ReadoutHistogramRecord?
  private let title: GnuplotText

  /// - Parameter paths: a report of `renorm compare --order condensed`; or one of `renorm fit` with that order,
  ///   one of `renorm sample`, or both, of one network.
  /// - Throws: `DataError` for a file that is none of these, `PlotError.unsuitable` where they are no one
  ///   picture.
  public init(paths: [String]) throws {
    let reports = try paths.map { (path) throws(DataError) in try NeuronsReport(path: path) }
    let theories = reports.filter { $0.theory != nil }
    let samples = reports.filter { $0.sampled != nil }
    for (kind, found) in [("theory", theories), ("samples", samples)] where found.count > 1 {
      throw PlotError.unsuitable(
        "\(found[0].path) and \(found[1].path) both hold \(kind); accepted: one report, or one of a theory and "
          + "one of a sampled network")
    }
    guard let first = reports.first else { throw PlotError.unsuitable("no report; accepted: one or two") }
    for other in reports.dropFirst() {
      if let difference = first.network.difference(from: other.network) {
        throw PlotError.unsuitable("\(first.path) and \(other.path) are of different networks: \(difference)")
      }
    }
    (theory, sampled) = (theories.first?.theory, samples.first?.sampled)
    title = first.network.caption
  }

  /// The picture: histograms are sampled, lines theory.
  public var figure: Figure {
    var figure = Figure(height: 6.4)
    var parts: [(text: String, title: GnuplotText)] = []
    let (largest, others) = (GnuplotText.plain("largest"), GnuplotText.plain("others"))
    if let sampled {
      for (densities, color, name) in [
        (sampled.others, Style.grey, others), (sampled.largest, Style.green, largest),
      ] where !densities.isEmpty {
        let data = figure.data(densities.indices.map { [sampled.width * (Double($0) + 0.5), densities[$0]] })
        parts.append(("\(data) using 1:2 with boxes linecolor rgb '\(color)'", name + ", sampled"))
      }
      figure.add("set style fill transparent solid 0.4 noborder", "set boxwidth \(sampled.width)")
    }
    if let theory {
      let bulk = figure.data(theory.bulk.map { [$0.readout, $0.density] })
      parts.append(
        ("\(bulk) using 1:2 with lines linecolor rgb '\(Style.blue)' linewidth 1.5", others + ", theory"))
      // Nodes are few: the line between them is smooth, as the law is.
      for (law, name, dashes) in [
        (theory.largest, largest, "(8,3)"), (theory.second ?? [], .plain("second"), "(2,3)"),
      ] where !law.isEmpty {
        let nodes = figure.data(law.map { [$0.readout, $0.density] })
        let style = "linecolor rgb '\(Style.vermillion)' linewidth 1.5 dashtype \(dashes)"
        parts.append(
          (
            "\(nodes) using 1:2 \(law.count > 2 ? "smooth csplines" : "") with lines \(style)",
            name + ", theory"
          ))
      }
    }
    figure.label("xlabel", "size of a readout, standard deviations of the prior")
    figure.label("ylabel", "density")
    figure.titleAboveKey(title, entries: parts.map(\.title))
    figure.add("set xrange [0:*]", "set yrange [0:*]")
    figure.plot(parts.map { "\($0.text) title \($0.title.quoted)" })
    return figure
  }
}

extension NetworkRecord {
  /// The first parameter that both reports tell and in which they differ, in words; nil where there is none.
  fileprivate func difference(from other: NetworkRecord) -> String? {
    if let own = self.trainCount, let count = other.trainCount, own != count {
      return "train-count \(own) and \(count)"
    }
    if let own = self.outputs, let count = other.outputs, own != count { return "\(own) and \(count) outputs" }
    for parameter in Network.parameters {
      guard let own = value(parameter), let value = other.value(parameter), own != value else { continue }
      return "\(parameter.key) \(own.text) and \(value.text)"
    }
    return nil
  }

  /// The network in a line.
  fileprivate var caption: GnuplotText {
    let numbers = [("N", self.width), ("P", self.trainCount)].compactMap { letter, number in
      number.map { GnuplotText.symbol(letter) + " = \($0)" }
    }
    return ([self.architecture, self.activation].compactMap(\.self).map(GnuplotText.plain) + numbers).joined()
  }
}
