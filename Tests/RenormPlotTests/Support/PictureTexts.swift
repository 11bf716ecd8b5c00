import Foundation
import Testing

/// The texts of a picture in SVG with the boxes that they take up, about: letters are half as wide as high.
struct PictureTexts {
  struct Text {
    let content: String
    let left, right, top, bottom: Double
  }

  let width, height: Double
  private(set) var texts: [Text] = []

  init(svg: String) throws {
    let size = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/))
    (width, height) = (Double(size.1) ?? .nan, Double(size.2) ?? .nan)
    let place =
      /<g transform="translate\(([-0-9.]+),([-0-9.]+)\)( rotate\([^)]*\))?"[^>]*font-size="([0-9.]+)"\s+text-anchor="(\w+)">\s*<text[^>]*>(.*?)<\/text>/
      .dotMatchesNewlines()
    for match in svg.matches(of: place) {
      guard let x = Double(match.1), let y = Double(match.2), let size = Double(match.4) else { continue }
      let content = match.6.replacing(/<[^>]*>/, with: "").trimmingCharacters(in: .whitespacesAndNewlines)
      guard !content.isEmpty else { continue }
      let length = 0.5 * size * Double(content.count)
      let start = match.5 == "start" ? 0 : match.5 == "end" ? -length : -length / 2
      texts.append(
        match.3 == nil
          ? Text(content: content, left: x + start, right: x + start + length, top: y - 0.7 * size, bottom: y)
          : Text(content: content, left: x - 0.7 * size, right: x, top: y - start - length, bottom: y - start))
    }
  }

  /// Pairs of texts that lie on each other by more than a pixel.
  var collisions: [String] {
    texts.indices.flatMap { i in
      texts[..<i].compactMap { other in
        let text = texts[i]
        let across = min(text.right, other.right) - max(text.left, other.left)
        let down = min(text.bottom, other.bottom) - max(text.top, other.top)
        return across > 1 && down > 1 ? "'\(text.content)' on '\(other.content)'" : nil
      }
    }
  }

  /// Texts that reach beyond the picture.
  var cut: [String] {
    texts.filter { $0.left < -1 || $0.right > width + 1 || $0.top < -1 || $0.bottom > height + 1 }.map(
      \.content)
  }
}
