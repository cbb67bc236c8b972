namespace Pipeline.Local;

/// <summary>A kind of fault, the fraction of the calls that it happens to, and the wait that goes with it, if one was given.</summary>
internal readonly record struct FaultShare(string Kind, double Fraction, TimeSpan? Wait);
