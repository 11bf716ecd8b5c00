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
    .target(name: "RenormData", dependencies: ["CZlib", "GSLNumerics", "LinearAlgebra"]),
    .target(name: "Renorm", dependencies: ["CVectorKernels", "GSLNumerics", "LinearAlgebra", "RenormData"]),
    .target(name: "RenormSampling", dependencies: ["GSLNumerics", "LinearAlgebra", "Renorm", "RenormData"]),
    .target(name: "RenormSweep", dependencies: ["LinearAlgebra", "Renorm", "RenormData", "Yams"]),
    .target(name: "RenormPlot", dependencies: ["LinearAlgebra", "Renorm", "RenormData"]),
    .target(
      name: "RenormCompanions",
      dependencies: ["GSLNumerics", "LinearAlgebra", "Renorm", "RenormData", "RenormSampling"]),
    .executableTarget(
      name: "renorm",
      dependencies: [
        "Renorm", "RenormData", "RenormSampling", "RenormSweep", "RenormPlot", "RenormCompanions",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "GSLNumerics"]),
    .testTarget(name: "GSLNumericsTests", dependencies: ["GSLNumerics"]),
    .testTarget(name: "RenormDataTests", dependencies: ["RenormData", "LinearAlgebra"]),
    .testTarget(
      name: "RenormTests",
      dependencies: ["Renorm", "RenormData", "LinearAlgebra", "CVectorKernels", "GSLNumerics"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RenormSamplingTests", dependencies: ["RenormSampling", "Renorm", "RenormData", "LinearAlgebra", "GSLNumerics"]),
    .testTarget(
      name: "RenormSweepTests", dependencies: ["RenormSweep", "Renorm", "RenormData", "LinearAlgebra", "GSLNumerics"]),
    .testTarget(name: "RenormPlotTests", dependencies: ["RenormPlot", "Renorm", "RenormData", "LinearAlgebra"]),
    .testTarget(
      name: "RenormCompanionsTests",
      dependencies: ["RenormCompanions", "RenormSampling", "Renorm", "RenormData", "LinearAlgebra", "GSLNumerics"]),
    .testTarget(name: "CommandLineTests", dependencies: ["renorm", "RenormData"]),
  ],
  swiftLanguageModes: [.v6]
)
