/// The version of every report that is written as JSON: fit, prediction, sample, comparison.
///
/// It counts changes of keys that a reader of the version before would misunderstand. New keys leave it as it
/// is: readers ignore what they do not know, and may lack what is marked as optional.
package enum RecordFormat {
  /// The version that is written under `reportVersion`, and the newest that is read.
  package static let version = 1
}
