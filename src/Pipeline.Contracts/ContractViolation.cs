namespace Pipeline.Contracts;

/// <summary>Says where and how data breaks its contract.</summary>
/// <param name="Path">Where, as in <c>$.lines[0].quantity</c>.</param>
/// <param name="Problem">What is wrong there, to follow the path: <c>0 is not between 1 and 1000000</c>.</param>
public readonly record struct ContractViolation(string Path, string Problem)
{
    /// <summary>The path and the problem: <c>$.lines[0].quantity: 0 is not between 1 and 1000000</c>.</summary>
    public override string ToString() => $"{Path}: {Problem}";
}
