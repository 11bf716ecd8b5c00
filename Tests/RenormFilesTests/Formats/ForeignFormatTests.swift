import Foundation
import Testing

@testable import RenormFiles

/// Well-known formats that are not read are named.
@Suite struct ForeignFormatTests {
  private static let text = "1.5,2\n3,4\n5,6\n"

  private static let files: [(name: String, bytes: [UInt8])] = [
    ("UTF-16", [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0), 0] }),
    ("UTF-16", [0xFE, 0xFF] + text.utf16.flatMap { [0, UInt8($0)] }),
    ("UTF-16", text.utf16.flatMap { [UInt8($0), 0] }), ("UTF-16", text.utf16.flatMap { [0, UInt8($0)] }),
    ("bzip2", Array("BZh91AY&SY".utf8) + [1, 2, 3]), ("xz", [0xFD] + Array("7zXZ".utf8) + [0, 0, 4]),
    ("HDF5", [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A] + [UInt8](repeating: 0, count: 40)),
    ("MATLAB", Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8) + [0, 1, 2]),
    // A double matrix of 2 x 1 called x, little- and big-endian.
    ("MAT, version 4", bytes([UInt32(0), 2, 1, 0, 2]) + Array("x\0".utf8) + bytes([1.0, 2.0])),
    (
      "MAT, version 4",
      [0, 0, 3, 0xE8, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0x78, 0]
        + [UInt8](repeating: 0, count: 16)
    ),
    ("ONNX", [8, 7, 0x12, 7] + Array("pytorch".utf8) + [0x1A, 3] + Array("2.1".utf8) + [0x3A, 2, 0, 0]),
    ("RDS", Array("X\n".utf8) + [0, 0, 0, 3, 0, 4, 2, 1]), ("RDS", Array("A\n3\n262657\n".utf8)),
    ("RData", Array("RDX3\nX\n".utf8) + [0, 0, 0, 3]),
    ("safetensors", bytes([UInt64(20)]) + Array("{\"w\":{\"dtype\":\"F32\"}}".utf8)),
    ("FITS", Array("SIMPLE  =                    T / conforms to FITS".utf8)),
    ("Parquet", Array("PAR1".utf8) + [0x15, 4, 0x15]), ("Arrow", Array("ARROW1".utf8) + [0, 0, 1]),
    ("Feather", Array("FEA1".utf8) + [0, 0, 1]), ("NetCDF", Array("CDF".utf8) + [1, 0, 0, 0, 2]),
    ("pickle", Array("cnumpy.core.multiarray\n_reconstruct".utf8)),
    ("HTML page", Array("<!DOCTYPE html>\n<html><body>404 1 2</body></html>".utf8)),
    ("Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\nsize 12345".utf8)),
    ("pickle", [0x80, 2, 0x8A, 0x0A] + Array("l.".utf8)),
    ("tar", [UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8) + [0, 0x30, 0x30]),
  ]

  @Test(arguments: files) func named(name: String, bytes: [UInt8]) throws {
    for content in [bytes, gzip(bytes)] {
      let error = try #require(throws: DataError.self) { try readArrays(content) }
      #expect("\(error)".contains(name), "\(error)")
      #expect("\(error)".contains("accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV"))
      #expect(!"\(error)".contains("3073"))
    }
  }

  /// Archives without arrays; `zip` writes members that are stored.
  @Test(arguments: [
    ("m/data.pkl", "a PyTorch file"), ("[Content_Types].xml", "an Office document (such as Excel)"),
    ("xl/workbook.xml", "an Excel workbook (XLSX)"),
    ("README.txt", "a ZIP archive without NumPy arrays"),
  ])
  func archives(member: String, name: String) throws {
    let error = try #require(throws: DataError.self) { try readArrays(zip(member, Array("hello".utf8))) }
    #expect("\(error)".hasPrefix("file: is \(name), which is not read; accepted are NPZ, NPY"))
  }

  /// NumPy opens members by their content, with or without the ending of their names.
  @Test func membersWithoutEnding() throws {
    let file = zip("x", npy("<f8", shape: "(2, 1)", bytes([1.0, 2])))
    #expect(try readArrays(file).examples.inputs?.array.values() == [1, 2])
  }

  /// What resembles these formats is read as before.
  @Test func lookalikes() throws {
    // Inputs of a CIFAR file may begin with anything; a table may begin with the letters of a format.
    #expect(try readArrays("X,y\n1.5,2\n3.5,4\n").header == ["X", "y"])
    #expect(try readArrays("SIMPLE,RIFFs\n1.5,2\n3.5,4\n").header == ["SIMPLE", "RIFFs"])
    let record = [UInt8](repeating: 0, count: 3073)
    #expect(ForeignFormat.name(of: record) == nil)
    #expect(ForeignFormat.name(of: [8, 7] + record) == nil)
  }

  /// Structured elements and Python objects are said to be such.
  @Test func elementsThatAreNoNumbers() throws {
    func message(_ description: String) throws -> String {
      let header = "{'descr': \(description), 'fortran_order': False, 'shape': (2,), }\n"
      let file =
        NPYHeader.magic + [1, 0] + bytes([UInt16(header.utf8.count)]) + Array(header.utf8)
        + bytes([1.0, 2, 3, 4])
      return "\(try #require(throws: DataError.self) { try readArrays(file) })"
    }
    let structured = try message("[('x', '<f8'), ('shape', '<f8')]")
    #expect(
      structured.contains("elements are structured, of the fields [('x', '<f8'), ('shape', '<f8')]"),
      "\(structured)")
    #expect(structured.contains("save one field"))
    #expect(try message("'|O'").contains("elements are Python objects"))
    #expect(try message("'<c16'").contains("element type '<c16' is not supported"))
  }
}
