namespace Pipeline.Contracts;

/// <summary>Inclusive limits of a number. Whole numbers stay within the exact range of JavaScript (RFC 7493, section 2.2).</summary>
public class NumberAttribute : ConstraintAttribute
{
    private const double MostExact = 9007199254740991;
    private readonly decimal _min;
    private readonly decimal _max;

    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    public NumberAttribute(double min, double max)
    {
        if (!(min <= max && min >= -MostExact && max <= MostExact))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A number from {min} to {max} cannot be exchanged safely; stay within {-MostExact} and {MostExact}."), nameof(max));
        (_min, _max) = (Exact(min), Exact(max));
    }

    /// <summary>The conversion itself keeps 15 digits only.</summary>
    private static decimal Exact(double value) => double.IsInteger(value) ? (long)value : (decimal)value;

    internal override string? WhatIsWrongWith(object value)
    {
        var number = value switch
        {
            int small => small,
            long large => large,
            _ => (decimal)value,
        };
        return number >= _min && number <= _max ? null : string.Create(CultureInfo.InvariantCulture, $"{number} is not between {_min} and {_max}");
    }

    internal override IEnumerable<(string Keyword, string Json)> Keywords() =>
        [("minimum", _min.ToString(CultureInfo.InvariantCulture)), ("maximum", _max.ToString(CultureInfo.InvariantCulture))];
}
