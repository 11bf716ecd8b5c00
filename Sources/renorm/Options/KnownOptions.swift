import ArgumentParser
import Foundation

/// The options of the command that arguments name, from the argument parser's description of itself.
struct KnownOptions {
  /// A command in the description that `--experimental-dump-help` prints.
  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }

  private struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
  }

  private struct Tool: Decodable {
    let command: Command
  }

  /// The names of the command and its parents, such as `renorm sweep run`.
  let command: String
  /// Long names without dashes, and whether a value follows.
  private let names: [String: Bool]

  /// - Parameter arguments: those of the process, without its name.
  init?(_ root: any ParsableCommand.Type, _ arguments: [String]) {
    guard let tool = Self.description(of: root) else { return nil }
    var command = tool.command
    var path = [command.commandName]
    for argument in arguments {
      guard let next = command.subcommands?.first(where: { $0.commandName == argument }) else { break }
      command = next
      path.append(argument)
    }
    var names: [String: Bool] = [:]
    for argument in command.arguments ?? [] {
      for name in argument.names ?? [] where name.kind == "long" {
        names[name.name] = argument.kind == "option"
      }
    }
    self.command = path.joined(separator: " ")
    self.names = names
  }

  private static func description(of root: any ParsableCommand.Type) -> Tool? {
    do {
      _ = try root.parseAsRoot(["--experimental-dump-help"])
      return nil
    } catch {
      return try? JSONDecoder().decode(Tool.self, from: Data(root.fullMessage(for: error).utf8))
    }
  }

  /// A line on the first option that the command does not know; nil where it knows all.
  func firstUnknown(in arguments: [String]) -> String? {
    var isValue = false
    for argument in arguments {
      if argument == "--" { return nil }
      guard !isValue, argument.hasPrefix("--") else {
        isValue = false
        continue
      }
      let name = String(argument.dropFirst(2).prefix { $0 != "=" })
      guard let takesValue = names[name] else {
        let hint = nearest(name).map { " (did you mean '--\($0)'?)" } ?? ""
        return "Unknown option '--\(name)'\(hint); see '\(command) --help'"
      }
      isValue = takesValue && !argument.contains("=")
    }
    return nil
  }

  /// The known name with the fewest letters to change, where these are few.
  private func nearest(_ name: String) -> String? {
    let ranked = names.keys.sorted().map { ($0, Self.distance(name, $0)) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, name.count / 3) else { return nil }
    return best.0
  }

  /// Levenshtein's distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
