import Foundation
import Testing

/// Another package uses the library products.
@Suite struct DependentPackageTests {
  @Test(.slow("builds the package once more"))
  func buildsAndRuns() throws {
    let scratch = try Scratch()
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    try scratch.folder("user/Sources/user")
    try scratch.file(
      "user/Package.swift",
      """
      // swift-tools-version: 6.0
      import PackageDescription

      let package = Package(
        name: "user",
        dependencies: [.package(path: "\(root.path)")],
        targets: [
          .executableTarget(
            name: "user",
            dependencies: [
              .product(name: "Renorm", package: "\(root.lastPathComponent)"),
              .product(name: "RenormFiles", package: "\(root.lastPathComponent)"),
            ])
        ])
      """)
    try scratch.file(
      "user/Sources/user/main.swift",
      """
      import Renorm
      import RenormFiles

      let data = try LoadedData.load(
        DataFiles(train: CommandLine.arguments[1]), DataSelection(classification: true, testFraction: 0.25))
      let network = try Network(architecture: FullyConnected(), width: .finite(10), temperature: 0.1)
      let posterior = try network.fit(data.train)
      let prediction = try posterior.predict(data.test!.inputs)
      let scores = prediction.scores(targets: data.test!.targets, isClassification: true)
      let converged = posterior.solution.convergence.converged
      print(converged, posterior.orderParameter[0, 0], scores.bias!, scores.accuracy!)
      """)
    try scratch.write(Problem(count: 16), "train")
    let launch = try Launch(
      "/usr/bin/env",
      [
        "swift", "run", "-q", "--package-path", "user", "--scratch-path", "build", "user",
        scratch.path("train.csv"),
      ],
      in: scratch)
    let run = try launch.finish(timeout: 1800)
    #expect(run.exitCode == 0, "\(run)")

    // The tool does the same.
    let report = try fit(
      Arguments.fc + ["--train", "train.csv", "--classification", "--test-fraction", "0.25"], in: scratch
    ).report
    let words = run.output.split(whereSeparator: \.isWhitespace).map(String.init)
    try #require(words.count == 4, "\(run)")
    #expect(words[0] == "true")
    expectClose(Double(words[1]) ?? .nan, report["orderParameter"].matrix[0][0], relative: 1e-9)
    expectClose(Double(words[2]) ?? .nan, report["test"]["bias"].number, relative: 1e-9)
    #expect(Double(words[3]) == report["test"]["accuracy"].number)
  }
}
