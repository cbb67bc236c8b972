namespace Pipeline.Tests.Cultures;

/// <summary>
/// A culture whose text no machine reads: the minus is U+2212, the decimal sign a comma, times have dots, years are Buddhist,
/// and the capital of i is İ. On a machine without ICU there are neither years nor letters of other cultures; the rest stays.
/// </summary>
internal sealed class HostileCulture : CultureInfo
{
    private readonly CultureInfo _letters;

    private HostileCulture(string name, CultureInfo letters)
        : base(name, useUserOverride: false)
    {
        _letters = letters;
        NumberFormat = new NumberFormatInfo
        {
            NegativeSign = "\u2212",
            PositiveSign = "\u200e+",
            NumberDecimalSeparator = ",",
            NumberGroupSeparator = ".",
            PercentDecimalSeparator = ",",
            PercentGroupSeparator = ".",
            CurrencyDecimalSeparator = ",",
            CurrencyGroupSeparator = ".",
            NaNSymbol = "epäluku",
            PositiveInfinitySymbol = "ääretön",
            NegativeInfinitySymbol = "\u2212ääretön",
        };
        DateTimeFormat.DateSeparator = ".";
        DateTimeFormat.TimeSeparator = ".";
    }

    /// <summary>Whether this machine has cultures.</summary>
    public static bool HasIcu { get; } = IsKnown("tr-TR");

    public static HostileCulture Instance { get; } = HasIcu ? new("th-TH", GetCultureInfo("tr-TR")) : new("", InvariantCulture);

    public override TextInfo TextInfo => _letters.TextInfo;

    public override CompareInfo CompareInfo => _letters.CompareInfo;

    private static bool IsKnown(string name)
    {
        try
        {
            return GetCultureInfo(name).Name == name;
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }
}
