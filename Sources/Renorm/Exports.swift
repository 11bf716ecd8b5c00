// Matrices and data sets are part of this module's interface.
@_exported public import LinearAlgebra
@_exported public import RenormData
