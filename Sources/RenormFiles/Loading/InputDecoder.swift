internal import LinearAlgebra

/// Turns stored examples into inputs of a network, before standardisation.
struct InputDecoder {
  /// Shape of an example in the file.
  let fileShape: ImageShape
  let selection: DataSelection

  /// - Throws: `DataError.wrongShape` when there are not three channels to combine, or when the images are
  ///   smaller than the distance of the pixels to keep.
  init(fileShape: ImageShape, _ selection: DataSelection, path: String) throws(DataError) {
    if selection.grayscale && fileShape.channels != 3 {
      throw .wrongShape(
        path: path, found: "\(fileShape)", expected: "3 channels to convert to grayscale")
    }
    let step = selection.pixelStep ?? 1
    if step > 1 && step > min(fileShape.height, fileShape.width) {
      throw .wrongShape(
        path: path, found: "\(fileShape)",
        expected:
          "at least \(step) x \(step) pixels for a pixel step of \(step) (flat inputs need an image shape)")
    }
    self.fileShape = fileShape
    self.selection = selection
  }

  /// Shape of an example as the network sees it.
  var shape: ImageShape { selection.shape(of: fileShape) }

  /// The inputs of the chosen examples: `shape.count` x P. Pixels of unsigned bytes are divided by 255.
  func inputs(_ file: ExampleFile, _ examples: [Int]) throws(DataError) -> Matrix {
    if let (bytes, available) = file.inputs.array.shortage(examples: examples.count) {
      throw .tooLarge(
        path: file.path, item: "a matrix of \(examples.count) x \(fileShape.count) inputs", bytes: bytes,
        available: available)
    }
    var inputs = try file.inputs.examples(examples)
    if file.inputsAreBytes {
      inputs.withUnsafeMutableElements { elements in
        for k in elements.indices { elements[k] /= 255 }
      }
    } else if let k = inputs.elements.firstIndex(where: { !$0.isFinite }) {
      let place = file.inputs.place(example: examples[k / inputs.rows], offset: k % inputs.rows)
      throw .notFinite(path: file.path, place: place, text: "\(inputs.elements[k])")
    }
    return selectingPixels(selection.grayscale ? luminance(inputs) : inputs)
  }

  /// Every K-th pixel of every channel in both directions, from the first on.
  private func selectingPixels(_ inputs: Matrix) -> Matrix {
    guard let step = selection.pixelStep, step > 1 else { return inputs }
    var kept: [Int] = []
    for channel in 0..<shape.channels {
      for row in stride(from: 0, to: fileShape.height, by: step) {
        let start = (channel * fileShape.height + row) * fileShape.width
        kept += stride(from: start, to: start + fileShape.width, by: step)
      }
    }
    return inputs.selectingRows(kept)
  }

  private func luminance(_ inputs: Matrix) -> Matrix {
    let pixels = fileShape.height * fileShape.width
    var result = Matrix(rows: pixels, columns: inputs.columns)
    result.withUnsafeMutableElements { gray in
      inputs.withUnsafeElements { colour in
        for example in 0..<inputs.columns {
          let start = 3 * pixels * example
          for k in 0..<pixels {
            let red = colour[start + k]
            let green = colour[start + pixels + k]
            let blue = colour[start + 2 * pixels + k]
            gray[pixels * example + k] = 0.299 * red + 0.587 * green + 0.114 * blue
          }
        }
      }
    }
    return result
  }
}
