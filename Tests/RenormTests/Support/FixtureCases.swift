import Foundation
import Testing

/// The cases of `Fixtures/NAME.json`.
func fixtureCases<Case: Decodable>(_ name: String) throws -> [Case] {
  let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
  return try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
}
