import Testing

/// Model files that are damaged, or of another kind.
@Suite struct BadModelTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 8), "train")
    try Tool.succeed(
      Arguments.fc + Arguments.images + ["--model", "model.npz", "--quiet"], in: scratch)
  }

  private let predict = ["predict", "--data", "train.images", "--labels", "train.labels", "--model"]

  /// Writes `changed.npz`, the model after a script has changed its arrays `d`.
  private func change(_ script: String) throws {
    try Python.run("d = dict(np.load('model.npz'))\n\(script)\nnp.savez('changed.npz', **d)", in: scratch)
  }

  @Test func missing() throws {
    try expectFailure(
      ExitCode.missingInput, ["nowhere.npz", "no such file"], predict + ["nowhere.npz"],
      outputs: predictOutputs,
      in: scratch)
  }

  @Test func notAnArchive() throws {
    try expectFailure(
      ExitCode.badData, ["train.csv", "NPZ"], predict + ["train.csv"], outputs: predictOutputs, in: scratch)
  }

  @Test(arguments: [0, 1, 100, 1000, -1, -30]) func truncated(length: Int) throws {
    let model = try scratch.bytes("model.npz")
    try scratch.file("cut.npz", Array(length < 0 ? model.dropLast(-length) : model.prefix(length)))
    try expectFailure(
      ExitCode.badData, ["cut.npz"], predict + ["cut.npz"], outputs: predictOutputs, in: scratch)
  }

  @Test func everyDamagedByteIsNoticedOrHarmless() throws {
    let model = try scratch.bytes("model.npz")
    let whole = try Tool.succeed(predict + ["model.npz", "--predictions", "-"], in: scratch).output
    for place in stride(from: 0, to: model.count, by: model.count / 25) {
      var damaged = model
      damaged[place] ^= 0x5A
      try scratch.file("damaged.npz", damaged)
      let run = try Tool.run(predict + ["damaged.npz", "--predictions", "-"], in: scratch)
      // Times and attributes in the archive do not matter; anything else is an error of the data.
      #expect(run.exitCode == ExitCode.badData || run.output == whole, "byte \(place): \(run)")
      #expect(!run.wasKilled, "byte \(place)")
    }
  }

  @Test(.needsNumPy) func newerFormat() throws {
    try change("d['format_version'] = np.array(99)")
    try expectFailure(
      ExitCode.badData, ["changed.npz", "version 99", "reads versions 1"], predict + ["changed.npz"],
      outputs: predictOutputs, in: scratch)
  }

  @Test(
    .needsNumPy,
    arguments: ["kernel", "metadata", "x_train", "y_train", "covariance_weights", "format_version"])
  func missingArray(name: String) throws {
    try change("del d['\(name)']")
    try expectFailure(
      ExitCode.badData, ["changed.npz", name], predict + ["changed.npz"], outputs: predictOutputs, in: scratch
    )
  }

  @Test(
    .needsNumPy,
    arguments: ["kernel", "metadata", "x_train", "y_train"])
  func shortArray(name: String) throws {
    try change("d['\(name)'] = d['\(name)'][:-1]")
    try expectFailure(
      ExitCode.badData, ["changed.npz"], predict + ["changed.npz"], outputs: predictOutputs, in: scratch)
  }

  /// Models of valid checksums whose numbers are impossible, or do not belong together.
  @Test(
    .needsNumPy,
    arguments: [
      "d['covariance_weights'][:] = np.nan", "d['covariance_weights'][:] = np.inf",
      "d['covariance_weights'] *= 1.01", "d['covariance_weights'] *= -1", "d['order_parameter'] *= 1.001",
      "d['order_parameter'] = d['order_parameter'][0]", "d['kernel'][0] = np.nan", "d['x_train'][0] = np.inf",
      "d['x_train'] = np.ascontiguousarray(d['x_train'].transpose(0, 2, 3, 1))",
      "d['y_train'] = np.ascontiguousarray(d['y_train'].T)", "d['y_train'] = np.zeros((0, 1 << 40))",
      "d['kernel'] = np.zeros((0, 1 << 40), 'u1')", "d['format_version'] = np.array(np.nan)",
      // What is possible, but of another fit.
      "d['kernel'] *= 1.001", "d['kernel'][0] = 0", "d['x_train'] = d['x_train'][::-1].copy()",
      "d['covariance_weights'] *= 2; d['order_parameter'] *= 2", "d['y_train'] += 1", "d['y_train'][0] *= -1",
      "d['format_version'] = np.array(1.5)", "d['more'] = np.ones(3)", "d['digest'] += 1",
    ])
  func impossibleArrays(script: String) throws {
    try change(script)
    try expectFailure(
      ExitCode.badData, ["changed.npz"], predict + ["changed.npz"], outputs: predictOutputs, in: scratch)
  }

  /// Changes of the metadata, each a statement on the dictionary `m`.
  @Test(
    .needsNumPy,
    arguments: [
      "m['network']['lambda1'] = 1e-320", "m['network']['lambda0'] = -1", "m['network']['temperature'] = 0",
      "m['network']['width'] = -3", "m['convergence']['iterations'] = -1",
      "m['convergence']['iterations'] = 2**63",
      "m['classes'] = [3]", "m['classes'] = [1, 2, 3]", "m['image']['width'] = 2**62",
      "m['recipe']['selection']['testCount'] = -5", "m['recipe']['selection']['testFraction'] = 7",
      "m['recipe']['standardization'] = {'global': {'mean': 0, 'deviation': -1}}", "m['recipe']['outputs'] = 2",
      "m['recipe']['fileShape']['channels'] = 2**40", "m['formulation'] = 'saddle'",
      "m['network']['lambda1'] *= 2", "m['network']['lambda0'] *= 2", "m['convergence']['roundingError'] = -1",
      "m['network']['temperature'] *= 2", "m['network']['width'] += 1", "m['network']['width'] = 1e30",
      "m['recipe']['standardization']['global']['deviation'] *= 2", "m['image']['height'] = 0",
    ])
  func impossibleMetadata(script: String) throws {
    try change(
      """
      import json
      m = json.loads(d['metadata'].tobytes())
      \(script)
      d['metadata'] = np.frombuffer(json.dumps(m).encode(), 'u1')
      """)
    try expectFailure(
      ExitCode.badData, ["changed.npz"], predict + ["changed.npz"], outputs: predictOutputs, in: scratch)
  }

  /// The same arrays in another order, compressed, or without the checksum of models of earlier versions.
  @Test(
    .needsNumPy,
    arguments: [
      "savez_compressed('changed.npz', **dict(sorted(d.items())))",
      "savez('changed.npz', **{k: d[k] for k in d if k != 'digest'})",
    ])
  func savedAgain(save: String) throws {
    let whole = try Tool.succeed(predict + ["model.npz", "--predictions", "-"], in: scratch).output
    try Python.run("d = dict(np.load('model.npz'))\nnp.\(save)", in: scratch)
    #expect(try Tool.succeed(predict + ["changed.npz", "--predictions", "-"], in: scratch).output == whole)
  }

  @Test(.needsNumPy) func archiveOfData() throws {
    try Python.run("np.savez('data.npz', x=np.eye(3), y=np.ones(3))", in: scratch)
    try expectFailure(
      ExitCode.badData, ["data.npz", "format_version"], predict + ["data.npz"], outputs: predictOutputs,
      in: scratch)
  }

  @Test func dataOfAnotherShape() throws {
    try scratch.write(Problem(count: 4, height: 3, width: 3), "small")
    try expectFailure(
      ExitCode.badData, ["small.images", "1x3x3", "1x4x4"],
      ["predict", "--model", "model.npz", "--data", "small.images"], outputs: predictOutputs, in: scratch)
  }

  @Test func labelsOfAnotherCount() throws {
    try scratch.write(Problem(count: 4), "small")
    try expectFailure(
      ExitCode.badData, ["train.images", "8 examples", "small.labels", "4 labels"],
      ["predict", "--model", "model.npz", "--data", "train.images", "--labels", "small.labels"],
      outputs: predictOutputs, in: scratch)
  }
}
