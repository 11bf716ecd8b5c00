import RenormData
