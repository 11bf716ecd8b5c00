import Testing

@testable import RenormFiles

/// Arrays of NPZ files by their names.
@Suite struct ArrayRolesTests {
  private func archive(_ names: [String]) -> [UInt8] {
    var writer = NPZWriter()
    for (k, name) in names.enumerated() {
      let isInputs =
        name.lowercased().contains { "xdif".contains($0) } && !name.contains("l") && name != "arr_1"
      writer.add(name, [Double(k), 1, 2, 3], shape: isInputs ? [2, 2] : [4])
    }
    return writer.encoded()
  }

  @Test(arguments: [
    ("data", "target"), ("images", "labels"), ("train_images", "train_labels"), ("X_train", "y_train"),
    ("X", "y"),
    ("arr_0", "arr_1"), ("features", "labels"),
  ])
  func commonNames(inputs: String, targets: String) throws {
    let arrays = try readArrays(archive([targets, inputs]))
    #expect(arrays.examples.inputs?.name == inputs && arrays.examples.targets?.name == targets)
  }

  @Test func heldOutNames() throws {
    let arrays = try readArrays(archive(["train_images", "train_labels", "test_images", "test_labels"]))
    #expect(arrays.heldOut?.inputs?.name == "test_images" && arrays.heldOut?.targets?.name == "test_labels")
  }

  /// Two spellings of one name: neither is taken silently.
  @Test func twoSpellings() throws {
    expectError(
      "file: its arrays x_train, X_train could play one part; `train-array` and `target-array` name those that are "
        + "meant"
    ) { try readArrays(archive(["x_train", "X_train", "y_train"])) }
    let named = try readArrays(
      archive(["x_train", "X_train", "y_train"]), ReadingRequest(arrays: ArrayNames(train: "X_train")))
    #expect(named.examples.inputs?.name == "X_train")
  }

  @Test func namesThatAreGiven() throws {
    let file = archive(["data", "images", "other"])
    let named = try readArrays(file, ReadingRequest(arrays: ArrayNames(train: "images", targets: "other")))
    #expect(named.examples.inputs?.name == "images" && named.examples.targets?.name == "other")
    expectError("file: no array z; it has data, images, other") {
      try readArrays(file, ReadingRequest(arrays: ArrayNames(train: "z")))
    }
  }

  @Test func severalThatCouldBeMeant() throws {
    expectError(
      "file: several of its arrays could be the inputs: data (2x2 of <f8), images (2x2 of <f8), target (4 of <f8); "
        + "`train-array` and `target-array` name those that are meant"
    ) { try readArrays(archive(["data", "images", "target"])) }
    expectError(
      "file: none of its arrays has the name of inputs; it has goo (4 of <f8), bar (4 of <f8); `train-array` and "
        + "`target-array` name them"
    ) { try readArrays(archive(["goo", "bar"])) }
  }
}
