// swift-tools-version: 6.0

import PackageDescription

let package = Package(
  name: "renorm",
  products: [
    .library(name: "Renorm", targets: ["Renorm"]),
    .library(name: "RenormData", targets: ["RenormData"]),
    .library(name: "RenormSampling", targets: ["RenormSampling"]),
    .library(name: "RenormSweep", targets: ["RenormSweep"]),
    .library(name: "RenormPlot", targets: ["RenormPlot"]),
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
    .target(name: "RenormData", dependencies: ["CZlib", "GSLNumerics", "LinearAlgebra"]),
    .target(name: "Renorm", dependencies: ["CVectorKernels", "GSLNumerics", "LinearAlgebra", "RenormData"]),
    .target(name: "RenormSampling", dependencies: ["GSLNumerics", "LinearAlgebra", "Renorm", "RenormData"]),
    .target(name: "RenormSweep", dependencies: ["LinearAlgebra", "Renorm", "RenormData", "Yams"]),
    .target(name: "RenormPlot", dependencies: ["LinearAlgebra", "Renorm", "RenormData"]),
    .executableTarget(
      name: "renorm",
      dependencies: [
        "Renorm", "RenormData", "RenormSampling", "RenormSweep", "RenormPlot",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What the tests share: comparisons, scratch folders, references by loops, the runner of the tool.
    .target(name: "TestSupport", dependencies: ["GSLNumerics", "LinearAlgebra"], path: "Tests/TestSupport"),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(name: "GSLNumericsTests", dependencies: ["GSLNumerics", "TestSupport"]),
    .testTarget(name: "RenormDataTests", dependencies: ["RenormData", "LinearAlgebra", "TestSupport"]),
    .testTarget(
      name: "RenormTests",
      dependencies: ["Renorm", "RenormData", "LinearAlgebra", "CVectorKernels", "GSLNumerics", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RenormSamplingTests", dependencies: ["RenormSampling", "Renorm", "RenormData", "LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(
      name: "RenormSweepTests", dependencies: ["RenormSweep", "Renorm", "RenormData", "LinearAlgebra", "GSLNumerics", "TestSupport"]),
    .testTarget(name: "RenormPlotTests", dependencies: ["RenormPlot", "Renorm", "RenormData", "LinearAlgebra", "TestSupport"]),
    .testTarget(name: "CommandLineTests", dependencies: ["renorm", "RenormData", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
