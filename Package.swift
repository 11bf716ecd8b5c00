// swift-tools-version: 6.0

import PackageDescription

let package = Package(
  name: "renorm",
  products: [
    .library(name: "Renorm", targets: ["Renorm"]),
    .library(name: "RenormNextOrder", targets: ["RenormNextOrder"]),
    .library(name: "RenormFiles", targets: ["RenormFiles"]),
    .library(name: "RenormSampling", targets: ["RenormSampling"]),
    .library(name: "RenormSweep", targets: ["RenormSweep"]),
    .library(name: "RenormPlot", targets: ["RenormPlot"]),
    .library(name: "RenormCompanions", targets: ["RenormCompanions"]),
    .executable(name: "renorm", targets: ["renorm"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    .systemLibrary(name: "CNumerics", providers: [.apt(["libopenblas-dev", "liblapacke-dev", "libgsl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CVectorKernels"),
    .target(name: "LinearAlgebra", dependencies: ["CNumerics", "CVectorKernels"]),
    .target(name: "GSLNumerics", dependencies: ["CNumerics"]),
    .target(name: "RenormKernels", dependencies: ["CVectorKernels", "GSLNumerics", "LinearAlgebra"]),
    .target(name: "RenormAction", dependencies: ["GSLNumerics", "LinearAlgebra"]),
    .target(name: "Renorm", dependencies: ["GSLNumerics", "LinearAlgebra", "RenormAction", "RenormKernels"]),
    .target(
      name: "RenormNextOrder",
      dependencies: ["CVectorKernels", "GSLNumerics", "LinearAlgebra", "Renorm", "RenormAction", "RenormKernels"]),
    .target(
      name: "RenormFiles",
      dependencies: ["CZlib", "GSLNumerics", "LinearAlgebra", "Renorm", "RenormKernels", "RenormNextOrder"]),
    .target(
      name: "RenormSampling",
      dependencies: ["GSLNumerics", "LinearAlgebra", "Renorm", "RenormAction", "RenormFiles"]),
    .target(name: "RenormSweep", dependencies: ["LinearAlgebra", "Renorm", "RenormFiles", "RenormNextOrder", "Yams"]),
    .target(name: "RenormPlot", dependencies: ["LinearAlgebra", "Renorm", "RenormFiles", "RenormNextOrder"]),
    .target(
      name: "RenormCompanions",
      dependencies: ["GSLNumerics", "LinearAlgebra", "Renorm", "RenormFiles", "RenormSampling"]),
    .executableTarget(
      name: "renorm",
      dependencies: [
        "LinearAlgebra", "Renorm", "RenormNextOrder", "RenormFiles", "RenormSampling", "RenormSweep", "RenormPlot",
        "RenormCompanions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What the tests share: comparisons, scratch folders, references by loops, the runner of the tool.
    .target(name: "TestSupport", dependencies: ["GSLNumerics", "LinearAlgebra"], path: "Tests/TestSupport"),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(name: "GSLNumericsTests", dependencies: ["GSLNumerics", "TestSupport"]),
    .testTarget(
      name: "RenormFilesTests", dependencies: ["RenormFiles", "Renorm", "LinearAlgebra", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "RenormTests",
      dependencies: ["Renorm", "RenormAction", "RenormKernels", "RenormFiles", "LinearAlgebra", "CVectorKernels", "GSLNumerics", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RenormNextOrderTests",
      dependencies: [
        "RenormNextOrder", "Renorm", "RenormAction", "RenormKernels", "RenormFiles", "LinearAlgebra", "GSLNumerics",
        "TestSupport",
      ]),
    .testTarget(
      name: "RenormSamplingTests",
      dependencies: [
        "RenormSampling", "RenormNextOrder", "Renorm", "RenormAction", "RenormFiles", "LinearAlgebra", "GSLNumerics",
        "TestSupport",
      ]),
    .testTarget(
      name: "RenormSweepTests", dependencies: ["RenormSweep", "RenormNextOrder", "Renorm", "RenormFiles", "LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(
      name: "RenormPlotTests",
      dependencies: ["RenormPlot", "Renorm", "RenormFiles", "RenormNextOrder", "LinearAlgebra", "TestSupport"]),
    .testTarget(
      name: "RenormCompanionsTests",
      dependencies: ["RenormCompanions", "RenormSampling", "Renorm", "RenormFiles", "LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(name: "CommandLineTests", dependencies: ["renorm", "RenormFiles", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
