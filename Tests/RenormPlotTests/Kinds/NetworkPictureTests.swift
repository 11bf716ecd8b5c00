import Foundation
import LinearAlgebra
import Renorm
import RenormFiles
import RenormNextOrder
import Testing

@testable import RenormPlot

/// Pictures of fitted networks: order parameters and similarity matrices.
@Suite struct NetworkPictureTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Twelve images of 4 x 6 pixels whose right half tells the class.
  private func data(classes: [ClassLabel]? = [3, 8], outputs: Int = 1) -> Dataset {
    let shape = ImageShape(channels: 1, height: 4, width: 6)
    let inputs = Matrix(rows: 24, columns: 12) { pixel, example in
      let texture = sin(Double(1 + pixel * (example + 3)))
      return texture + (pixel % 6 > 2 && example % 2 == 0 ? 1.5 : 0)
    }
    let targets = Matrix(rows: 12, columns: outputs) { example, output in
      outputs == 1 ? (example % 2 == 0 ? 1 : -1) : (example % outputs == output ? 1 : 0) - 1 / Double(outputs)
    }
    return Dataset(shape: shape, inputs: inputs, targets: targets, classes: classes)
  }

  private func fit(_ architecture: any Architecture, width: Width = .finite(20), _ data: Dataset) throws
    -> Posterior
  {
    try Network(architecture: architecture, width: width, temperature: 0.05).fit(data)
  }

  private let mask = Extent(height: 2, width: 3)

  @Test func orderParameter() throws {
    let posterior = try fit(Convolutional(mask: mask), data())
    let script = Script(try OrderParameterPlot(OrderParameterSource(posterior)).figure)
    let q = posterior.orderParameter
    for i in 0..<4 {
      for j in 0..<4 { #expect(script.data(1)[i][j] == q[i, j] - (i == j ? 1 : 0)) }
    }
    // Patches of 2 x 3 pixels have their centres half a pixel, and one pixel, from their first pixel.
    let discs = script.data(2)
    #expect(discs.map { [$0[0], $0[1]] } == [[1, 0.5], [4, 0.5], [1, 2.5], [4, 2.5]])
    #expect(discs.map { $0[2] } == q.diagonal.map { $0 - 1 })
    // The mean image: every pixel with equal levels of red, green and blue.
    let pixels = script.data(3)
    #expect(pixels.count == 24 && pixels.allSatisfy { $0[2] == $0[3] && $0[3] == $0[4] })
    #expect(pixels.map { $0[2] }.max() == 255 && pixels.map { $0[2] }.min() == 120)
    #expect(script.text.contains("{/:Italic Q}_{ij} − {/:Italic δ}_{ij}"))
  }

  /// The scale changes the colours and not the data.
  @Test func symmetricLog() throws {
    let source = OrderParameterSource(try fit(Convolutional(mask: mask), data()))
    let (linear, symlog) = (
      Script(try OrderParameterPlot(source).figure),
      Script(try OrderParameterPlot(source, scale: .symlog).figure)
    )
    #expect(linear.data(1) == symlog.data(1) && linear.data(2) == symlog.data(2))
    #expect(
      linear.lines.contains("scaled(x) = x") && symlog.text.contains("scaled(x) = sgn(x)*log10(1 + abs(x)/"))
    #expect(symlog.label("cblabel")?.hasSuffix("(symmetric log)") == true)
    // Matrix and discs, with the same colours.
    #expect(symlog.text.matches(of: /:\(scaled\(\$3\)\)/).count == 2)
  }

  /// A matrix over outputs has the names of classes, from a model and from a report.
  @Test func namesOfOutputs() throws {
    let named = data(classes: ["setosa", "versicolor", "virginica"], outputs: 3)
    let posterior = try fit(FullyConnected(), named)
    let rows = (0..<3).map { posterior.orderParameter.row($0) }
    let report = { (data: String) in
      try OrderParameterSource(
        path: scratch.file(
          "report.json",
          """
          {"architecture": "fc", "width": 20, "infiniteWidth": false, "readout": "independent", "grid": [1, 1],
           "outputs": 3, "orderParameter": \(rows), "data": \(data)}
          """))
    }
    let names = "('setosa' 0.0, 'versicolor' 1.0, 'virginica' 2.0)"
    for source in [
      OrderParameterSource(posterior), try report("{\"classes\": [\"setosa\", \"versicolor\", \"virginica\"]}"),
    ] {
      let script = Script(try OrderParameterPlot(source).figure)
      #expect(script.text.contains(names) && script.label("ylabel") == "class {/:Italic i}")
    }
    let plain = Script(try OrderParameterPlot(report("null")).figure)
    #expect(
      plain.text.contains("('0' 0.0, '1' 1.0, '2' 2.0)") && plain.label("ylabel") == "output {/:Italic i}")
  }

  /// Inputs that were centred one by one have no mean image, unless their means are known.
  @Test func meanImageOfCentredInputs() throws {
    let original = data()
    let inputs = original.inputs
    let means = (0..<inputs.rows).map { row in inputs.row(row).reduce(0, +) / Double(inputs.columns) }
    let centred = Dataset(
      shape: original.shape,
      inputs: Matrix(rows: inputs.rows, columns: inputs.columns) { row, column in
        inputs[row, column] - means[row]
      },
      targets: original.targets, classes: original.classes)
    let posterior = try fit(Convolutional(mask: mask), centred)
    let pixels = { (source: OrderParameterSource) throws in
      Script(try OrderParameterPlot(source).figure).data(3)
    }
    #expect(OrderParameterSource(posterior).meanImage == nil)
    let deviations = [Double](repeating: 1, count: means.count)
    let known = try pixels(
      OrderParameterSource(posterior, standardization: .feature(means: means, deviations: deviations)))
    let plain = try pixels(OrderParameterSource(fit(Convolutional(mask: mask), original)))
    #expect(known == plain)
  }

  /// A report gives the same matrices as the model, without the image.
  @Test func orderParameterFromAReport() throws {
    let posterior = try fit(LocallyConnected(mask: mask), data())
    try ModelFile(posterior: posterior, recipe: nil).write(to: scratch.path("model.npz"))
    let rows = (0..<4).map { posterior.orderParameter.row($0) }
    let report = try scratch.file(
      "report.json",
      """
      {"architecture": "lcn", "width": 20, "infiniteWidth": false, "readout": "independent",
       "lengthScale": null,
       "mask": [2, 3], "stride": [2, 3], "grid": [2, 2], "outputs": 1, "orderParameter": \(rows)}
      """)
    let model = Script(try OrderParameterPlot(OrderParameterSource(path: scratch.path("model.npz"))).figure)
    let plain = Script(try OrderParameterPlot(OrderParameterSource(path: report)).figure)
    #expect(model.data(1) == plain.data(1) && model.data(2) == plain.data(2))
    #expect(model.data(3).count == 24 && plain.data(3).isEmpty)
    for (name, text) in [("other.json", "{\"width\": 3}"), ("text", "1,2,3")] {
      do {
        _ = try OrderParameterSource(path: scratch.file(name, text))
        Issue.record("read: \(text)")
      } catch let error as DataError {
        #expect("\(error)".hasSuffix("accepted is a model (NPZ) or a report (JSON) of `renorm fit`"))
      }
    }
    #expect(throws: PlotError.self) {
      try OrderParameterSource(
        path: scratch.file("part.json", "{\"architecture\": \"cnn\", \"orderParameter\": [[1]]}"))
    }
    #expect(throws: DataError.self) { try OrderParameterSource(path: scratch.path("missing")) }
  }

  /// Reports and similarities that version 0.1.0 has written.
  @Test func filesOfBefore() throws {
    let source = try OrderParameterSource(path: RecordFixture.path("fit-outputs.json"))
    #expect(source.index == .output && source.matrix.rows == 2 && source.width == .finite(8))
    #expect(Script(try OrderParameterPlot(source).figure).data(1).count == 2)
    let record = try SimilarityRecord(path: RecordFixture.path("similarity-cnn.npz"))
    let script = Script(try SimilarityPlot(record, positions: (0, 1)).figure)
    #expect(script.data(1).count == 4 && script.text.contains("positions 0 and 1"))
    let pair = try #require(record.pair(0, 1))
    // Examples 1 and 3 are of class 8, the others of class 3 and first.
    let order = [0, 2, 1, 3]
    #expect(script.data(2) == order.map { i in order.map { pair.after[i, $0] } })
    #expect(throws: PlotError.self) { try SimilarityPlot(record, positions: (4, 0)) }
    let sampled = try SampledReport(path: RecordFixture.path("sample-cnn.json"))
    #expect(sampled.network.architecture == "cnn" && sampled.test.bias?.mean != nil)
  }

  @Test func singleNumbersAreNotDrawn() throws {
    let pooled = try Network(
      architecture: Convolutional(mask: mask), width: .finite(9), temperature: 0.1, readout: MeanPooling())
    for posterior in [
      try fit(FullyConnected(), data()), try fit(Convolutional(mask: mask), width: .infinite, data()),
      try pooled.fit(data()),
    ] {
      #expect(throws: PlotError.self) { try OrderParameterPlot(OrderParameterSource(posterior)) }
    }
    let outputs = try fit(FullyConnected(), data(classes: [1, 2, 3], outputs: 3))
    #expect(Script(try OrderParameterPlot(OrderParameterSource(outputs)).figure).data(1).count == 3)
  }

  @Test func similarity() throws {
    let data = data()
    let posterior = try fit(Convolutional(mask: mask), data)
    let script = Script(try SimilarityPlot(posterior, positions: (1, 2), count: 10).figure)
    // Class 3 is -1 and first; within a class the order of the training set stays.
    let order = [1, 3, 5, 7, 9, 0, 2, 4, 6, 8]
    let expected = try posterior.nextOrderSimilarity(of: data.inputs.selectingColumns(order), positions: 1, 2)
    for (block, matrix) in zip(1..., [expected.before, expected.after, expected.change]) {
      let rows = script.data(block)
      #expect(rows.count == 10 && rows.enumerated().allSatisfy { matrix.row($0) == $1 })
    }
    #expect(!script.text.contains("Gaussian part"))
    #expect(script.text.contains("('3' 2.0, '8' 7.0)") && script.text.contains("positions 1 and 2"))
    let diagonal = posterior.orderParameter.diagonal
    let strongest = diagonal.indices.max { diagonal[$0] < diagonal[$1] }
    let standard = Script(try SimilarityPlot(posterior).figure)
    #expect(standard.data(1).count == 12 && standard.text.contains("position \(strongest ?? -1)'"))
    #expect(throws: PlotError.self) { try SimilarityPlot(fit(FullyConnected(), width: .infinite, data)) }
    #expect(throws: RenormError.self) { try SimilarityPlot(posterior, positions: (0, 4)) }
  }

  /// With several outputs the similarity after training is exact for the linear activation only, and the
  /// picture says where it is a part.
  @Test func gaussianPart() throws {
    let linear = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(20), temperature: 0.05
    ).fit(data())
    #expect(!Script(try SimilarityPlot(linear).figure).text.contains("Gaussian part"))
    let (plain, symlog) = (
      Script(try SimilarityPlot(linear).figure), Script(try SimilarityPlot(linear, scale: .symlog).figure)
    )
    #expect((1...3).allSatisfy { plain.data($0) == symlog.data($0) })
    #expect(symlog.label("cblabel") == "symmetric log" && plain.label("cblabel") == nil)
    let several = try fit(FullyConnected(), data(classes: [1, 2, 3], outputs: 3))
    let lines = Script(try SimilarityPlot(several).figure).lines
    // From the second panel on.
    let label = try #require(lines.firstIndex { $0.hasPrefix("set label 1 'Gaussian part'") })
    #expect(label > (lines.firstIndex { $0.hasPrefix("plot $data1") } ?? .max))
    #expect(label < (lines.firstIndex { $0.hasPrefix("plot $data2") } ?? 0))
  }

  /// Several outputs, and regression in the order of the targets.
  @Test func otherTargets() throws {
    let classes = try fit(FullyConnected(), data(classes: [9, 2, 5], outputs: 3))
    #expect(Script(try SimilarityPlot(classes).figure).text.contains("('9' 1.5, '2' 5.5, '5' 9.5)"))
    var script = Script(try SimilarityPlot(fit(FullyConnected(), data(classes: nil))).figure)
    #expect(script.text.contains("examples by target"))
    script = Script(try SimilarityPlot(classes, count: 2).figure)
    #expect(script.data(3).count == 2)
  }

  /// Ticks, labels and titles neither lie on each other nor are cut, whatever the numbers and names.
  @Test(.needsGnuplot)
  func textsHaveRoom() throws {
    let names: [ClassLabel] = ["versicolor", "virginica", "a rather long name"]
    let one = Extent(height: 1, width: 1)
    var figures: [(String, Figure)] = []
    for scale in [SignedScale.Kind.linear, .symlog] {
      for (name, posterior) in [
        ("n = 4", try fit(Convolutional(mask: mask), data())),
        ("n = 4, N = 1", try fit(Convolutional(mask: mask), width: .finite(1), data())),
        ("n = 24", try fit(Convolutional(mask: one), data())),
        ("locally connected", try fit(LocallyConnected(mask: mask), data())),
        ("outputs", try fit(FullyConnected(), data(classes: names, outputs: 3))),
        ("outputs and positions", try fit(Convolutional(mask: mask), data(classes: names, outputs: 3))),
      ] {
        figures.append(
          ("\(name), \(scale)", try OrderParameterPlot(OrderParameterSource(posterior), scale: scale).figure))
      }
    }
    for (name, classes, outputs) in [("two", [3, 8], 1), ("names", names, 3)] as [(String, [ClassLabel], Int)] {
      let posterior = try fit(FullyConnected(), data(classes: classes, outputs: outputs))
      figures.append(("similarity \(name)", try SimilarityPlot(posterior).figure))
    }
    for (name, figure) in figures {
      try figure.write(to: scratch.path("texts.svg"))
      let texts = try PictureTexts(svg: scratch.text("texts.svg"))
      #expect(texts.texts.count > 4, "\(name)")
      #expect(texts.collisions.isEmpty, "\(name): \(texts.collisions)")
      #expect(texts.cut.isEmpty, "\(name): \(texts.cut)")
    }
  }

  @Test(.needsGnuplot)
  func gnuplotHasNoComplaints() throws {
    let posterior = try fit(Convolutional(mask: mask), data())
    let pictures = [
      try OrderParameterPlot(OrderParameterSource(posterior)).figure, try SimilarityPlot(posterior).figure,
    ]
    for (index, figure) in pictures.enumerated() {
      for format in PictureFormat.allCases {
        let warnings = try figure.write(to: scratch.path("\(index).\(format.rawValue)"))
        #expect(warnings.isEmpty, "\(warnings)")
      }
    }
  }
}
