import Foundation
import Testing

@testable import RenormFiles

@Suite struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    let scratch = try Scratch()
    let path = scratch.path("out.txt")
    try AtomicFile.write("first", to: path)
    try AtomicFile.write([UInt8]("second".utf8), to: path)
    #expect(try scratch.bytes("out.txt") == Array("second".utf8))
    try AtomicFile.write([UInt8](), to: path)
    #expect(try scratch.bytes("out.txt") == [])
    #expect(scratch.names() == ["out.txt"])
  }

  @Test func followsLinks() throws {
    let scratch = try Scratch()
    try scratch.file("target.txt", "old")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path("link.txt"), withDestinationPath: "target.txt")
    try AtomicFile.write("new", to: scratch.path("link.txt"))
    #expect(try scratch.bytes("target.txt") == Array("new".utf8))
    #expect(scratch.names() == ["link.txt", "target.txt"])
  }

  @Test func devicesAreWrittenDirectly() throws {
    try AtomicFile.write("gone", to: "/dev/null")
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "the system has no /dev/full"))
  func fullDevice() {
    expectError("full: writing failed (No space left on device)", .inputOutput) {
      try AtomicFile.write("x", to: "/dev/full")
    }
  }

  @Test func cannotCreate() throws {
    let scratch = try Scratch()
    expectError("out.txt: cannot be created (No such file or directory)", .cannotCreateOutput) {
      try AtomicFile.write("x", to: scratch.path("none/out.txt"))
    }
    try FileManager.default.createDirectory(
      atPath: scratch.path("folder"), withIntermediateDirectories: false)
    expectError("folder: cannot be created (it is a directory)", .cannotCreateOutput) {
      try AtomicFile.write("x", to: scratch.path("folder"))
    }
    #expect(scratch.names() == ["folder"])
  }
}
