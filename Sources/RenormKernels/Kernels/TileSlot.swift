/// Where a tile of all pairs of positions stands: its examples, and its place in a storage.
package struct TileSlot: Equatable, Sendable {
  package let rows: Range<Int>
  package let columns: Range<Int>
  /// First element in the storage.
  package let offset: Int
}
