/// The version of the library and of the command-line tool.
public enum RenormVersion {
  /// Semantic version.
  public static let current = "0.1.0"
}
