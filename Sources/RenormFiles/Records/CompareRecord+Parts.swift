extension CompareRecord {
  /// One number of both.
  public struct Row: Codable, Equatable, Sendable {
    /// The number, such as `orderParameter[1,0]` or `bias`.
    public let name: String
    public let theory: Double
    public let sampled: Double
    /// Of the sampled number; null where there are too few draws, as is the next.
    @Nullable public var standardError: Double?
    /// (theory - sampled) / standardError.
    @Nullable public var z: Double?
    /// |theory - sampled| relative to the sampled number; entries Q_ij relative to (Q_ii Q_jj)^(1/2), bias and
    /// variance relative to the sampled generalization error.
    @Nullable public var relativeDeviation: Double?
    /// The theory past leading order; nil, and no key, where it was not asked for.
    public let corrected: Double?
    /// (corrected - sampled) / standardError.
    public let correctedZ: Double?
    /// The network of infinite width; nil, and no key, but for a deep network.
    public let infiniteWidth: Double?

    package init(
      name: String, theory: Double, sampled: Double, standardError: Double, z: Double?,
      relativeDeviation: Double?, corrected: Double? = nil, correctedZ: Double? = nil,
      infiniteWidth: Double? = nil
    ) {
      self.name = name
      self.theory = theory
      self.sampled = sampled
      _standardError = Nullable(standardError.finite)
      _z = Nullable(z)
      _relativeDeviation = Nullable(relativeDeviation)
      self.corrected = corrected
      self.correctedZ = correctedZ
      self.infiniteWidth = infiniteWidth
    }
  }

  /// The predictive means at all held-out examples, all outputs together.
  public struct Predictions: Codable, Equatable, Sendable {
    /// Number of means.
    public let count: Int
    /// Root mean square of theory - sampled.
    public let rmsDifference: Double
    /// The same past leading order; nil, and no key, where that was not asked for.
    public let rmsDifferenceCorrected: Double?
    /// The same at infinite width; nil, and no key, but for a deep network.
    public let rmsDifferenceInfiniteWidth: Double?
    /// Root mean square of the sampling errors: what an exact theory would leave of the difference.
    @Nullable public var rmsStandardError: Double?
    /// The difference relative to the root mean square of the sampled means, without what noise adds to it.
    @Nullable public var relativeDeviation: Double?
    /// Mean of the z-scores; null without any, as are the next three.
    @Nullable public var zMean: Double?
    /// Their root mean square: 1 for an exact theory.
    @Nullable public var zRMS: Double?
    /// The largest |z|.
    @Nullable public var zMax: Double?
    /// The part with |z| > 2: 0.0455 for an exact theory.
    @Nullable public var partBeyond2: Double?

    package init(
      count: Int, rmsDifference: Double, rmsDifferenceCorrected: Double? = nil,
      rmsDifferenceInfiniteWidth: Double? = nil, rmsStandardError: Double,
      relativeDeviation: Double, zMean: Double, zRMS: Double, zMax: Double?, partBeyond2: Double
    ) {
      self.count = count
      self.rmsDifference = rmsDifference
      self.rmsDifferenceCorrected = rmsDifferenceCorrected
      self.rmsDifferenceInfiniteWidth = rmsDifferenceInfiniteWidth
      _rmsStandardError = Nullable(rmsStandardError.finite)
      _relativeDeviation = Nullable(relativeDeviation.finite)
      _zMean = Nullable(zMean.finite)
      _zRMS = Nullable(zRMS.finite)
      _zMax = Nullable(zMax)
      _partBeyond2 = Nullable(partBeyond2.finite)
    }
  }

  /// What the comparison comes to.
  public struct Judgement: Codable, Equatable, Sendable {
    /// True, false, or null where nothing is judged; `text` says why.
    @Nullable public var agrees: Bool?
    /// What deviates most; null where nothing does.
    @Nullable public var quantity: String?
    /// By how much, as in the rows.
    @Nullable public var relativeDeviation: Double?
    /// The number of z-scores.
    public let comparisons: Int
    /// The |z| that none of them exceeds for a theory that agrees.
    public let threshold: Double
    /// How well the errors are known; null where they are exact.
    @Nullable public var degreesOfFreedom: Double?
    /// The judgement in words.
    public let text: String

    package init(
      agrees: Bool?, quantity: String?, relativeDeviation: Double?, comparisons: Int, threshold: Double,
      degreesOfFreedom: Double, text: String
    ) {
      _agrees = Nullable(agrees)
      _quantity = Nullable(quantity)
      _relativeDeviation = Nullable(relativeDeviation?.finite)
      self.comparisons = comparisons
      self.threshold = threshold
      _degreesOfFreedom = Nullable(degreesOfFreedom.finite)
      self.text = text
    }
  }
}
