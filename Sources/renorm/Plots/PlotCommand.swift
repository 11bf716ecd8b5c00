import ArgumentParser

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw results with gnuplot, as SVG, PNG or PDF.",
    discussion: """
      Pictures are as wide as one column of a journal, 8.6 cm. For other styles, write the gnuplot script with \
      its data by --script and edit it.
      """,
    subcommands: [
      ErrorPlotCommand.self, HeatMapPlotCommand.self, OrderParameterPlotCommand.self,
      PredictionsPlotCommand.self,
      CalibrationPlotCommand.self, SimilarityPlotCommand.self, NeuronsPlotCommand.self, ProfilePlotCommand.self,
      DensitiesPlotCommand.self, PruningPlotCommand.self, SlopesPlotCommand.self, WidthsPlotCommand.self,
    ])
}
