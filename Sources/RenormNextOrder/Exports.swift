// What a caller of `RenormNextOrder` names in its own code: fitted networks.
@_exported public import Renorm
