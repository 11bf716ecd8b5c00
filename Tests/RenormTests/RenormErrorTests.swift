import Testing

@testable import Renorm

@Suite struct RenormErrorTests {
  @Test func textsNameValueAndConstraint() {
    let cases: [(RenormError, String)] = [
      (
        .invalidParameter(name: "width", value: "0", accepted: "a positive number of hidden units"),
        "width is 0; accepted: a positive number of hidden units"
      ),
      (
        .maskLargerThanImage(mask: "9x9", image: "8x8"),
        "a mask of 9x9 does not fit on an image of 8x8; accepted: a mask of at most the image's size (flat "
          + "inputs need an image shape)"
      ),
      (
        .shapeMismatch(expected: "1x8x8", got: "63 values"),
        "inputs have shape 63 values, but the network was fitted on 1x8x8"
      ),
      (.unsupported(what: "this", instead: "take that"), "this is not supported; take that"),
      (.unusableData("no data"), "no data"),
      (
        .outOfMemory(what: "the kernels", bytes: 3 << 30, available: 1 << 29),
        "the kernels need 3.0 GiB even when they are not stored, but 0.5 GiB can be used; "
          + "take fewer examples or positions (a larger mask or stride), or raise the memory limit"
      ),
      (.numericalFailure(what: "it failed", advice: "try again"), "it failed; try again"),
    ]
    for (error, text) in cases { #expect(error.description == text) }
  }
}
