internal import LinearAlgebra

/// Turns stored examples into inputs of a network, before standardisation.
struct InputDecoder {
  /// Shape of an example in the file.
  let fileShape: ImageShape
  /// Whether three colour channels are combined to one.
  let grayscale: Bool

  /// - Throws: `DataError.wrongShape` when there are not three channels to combine.
  init(fileShape: ImageShape, grayscale: Bool, path: String) throws(DataError) {
    if grayscale && fileShape.channels != 3 {
      throw .wrongShape(
        path: path, found: "\(fileShape)", expected: "3 channels to convert to grayscale")
    }
    self.fileShape = fileShape
    self.grayscale = grayscale
  }

  /// Shape of an example as the network sees it.
  var shape: ImageShape {
    grayscale
      ? ImageShape(channels: 1, height: fileShape.height, width: fileShape.width) : fileShape
  }

  /// The inputs of the chosen examples: `shape.count` x P. Pixels of unsigned bytes are divided by 255.
  func inputs(_ file: ExampleFile, _ examples: [Int]) throws(DataError) -> Matrix {
    var inputs = file.inputs.array.examples(examples)
    if file.inputsAreBytes {
      inputs.withUnsafeMutableElements { elements in
        for k in elements.indices { elements[k] /= 255 }
      }
    } else if let k = inputs.elements.firstIndex(where: { !$0.isFinite }) {
      let place = file.inputs.place(example: examples[k / inputs.rows], offset: k % inputs.rows)
      throw .notFinite(path: file.path, place: place, text: "\(inputs.elements[k])")
    }
    return grayscale ? luminance(inputs) : inputs
  }

  private func luminance(_ inputs: Matrix) -> Matrix {
    let pixels = shape.count
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
