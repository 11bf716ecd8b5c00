// swift-tools-version: 6.0

import PackageDescription

// A package of its own, so that users of the library never see it. Build with `-Xswiftc -enable-testing`:
// LibraryInternals.swift measures passes of the solver that are not public.
let package = Package(
  name: "renorm-benchmarks",
  dependencies: [
    .package(name: "renorm", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .systemLibrary(name: "CBenchmarkBLAS", providers: [.apt(["libopenblas-dev", "liblapacke-dev", "libgsl-dev"])]),
    .executableTarget(
      name: "renorm-benchmarks",
      dependencies: [
        "CBenchmarkBLAS",
        .product(name: "Renorm", package: "renorm"),
        .product(name: "RenormFiles", package: "renorm"),
        .product(name: "RenormSweep", package: "renorm"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
