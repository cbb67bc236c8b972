using System.Numerics;
using System.Text.RegularExpressions;
using Pipeline.CloudEvents;

namespace Pipeline.Tests;

/// <summary>The one reader of times, against another one that was written from the RFC alone.</summary>
public sealed partial class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-01-31T08:00:00Z", "2026-01-31T08:00:00.0000000+00:00")]
    [InlineData("2026-01-31t08:00:00z", "2026-01-31T08:00:00.0000000+00:00")]
    [InlineData("2026-01-31T08:00:00.5+01:30", "2026-01-31T08:00:00.5000000+01:30")]
    [InlineData("2026-01-31T08:00:00.12345678901234567890Z", "2026-01-31T08:00:00.1234567+00:00")]
    [InlineData("2026-01-31T08:00:00-00:00", "2026-01-31T08:00:00.0000000+00:00")]
    [InlineData("2026-01-31T08:00:00+14:00", "2026-01-31T08:00:00.0000000+14:00")]
    [InlineData("2026-01-31T08:00:00+23:59", "2026-01-30T08:01:00.0000000+00:00")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000+00:00")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999999+00:00")]
    [InlineData("1990-12-31T15:59:60.25-08:00", "1990-12-31T15:59:59.9999999-08:00")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+00:00")]
    [InlineData("9999-12-31T23:59:59.99999999Z", "9999-12-31T23:59:59.9999999+00:00")]
    public void What_the_RFC_allows_is_read(string text, string expected)
    {
        Assert.True(Rfc3339.TryRead(text, out var time));
        Assert.Equal(expected, time.ToString("O", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-01-31")]
    [InlineData("01/12/2026")]
    [InlineData("2026-01-31T08:00:00")]
    [InlineData("2026-01-31T08:00Z")]
    [InlineData("2026-01-31 08:00:00Z")]
    [InlineData("2026-01-31T08:00:00.Z")]
    [InlineData("2026-01-31T08:00:00,5Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T08:60:00Z")]
    [InlineData("2026-01-31T08:00:61Z")]
    [InlineData("2026-01-31T08:00:60Z")]
    [InlineData("2026-01-30T23:59:60Z")]
    [InlineData("2026-01-31T23:59:60+01:00")]
    [InlineData("2026-13-01T08:00:00Z")]
    [InlineData("2026-00-01T08:00:00Z")]
    [InlineData("2026-02-29T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00+24:00")]
    [InlineData("2026-01-31T08:00:00+01:60")]
    [InlineData("2026-01-31T08:00:00+0100")]
    [InlineData("2026-01-31T08:00:00+01")]
    [InlineData("2026-01-31T08:00:00Z ")]
    [InlineData(" 2026-01-31T08:00:00Z")]
    [InlineData("2026-01-31T08:00:00Z\n")]
    [InlineData("2026-01-31T08:00:00\u221201:00")]
    [InlineData("\u0662026-01-31T08:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("10000-01-01T00:00:00Z")]
    public void What_it_does_not_is_refused(string? text) => Assert.False(Rfc3339.TryRead(text, out _));

    [Theory]
    [InlineData("2026-12-01", "2026-12-01T00:00:00Z")]
    [InlineData("2026-12-01T00:00:00.500+02:00", "2026-11-30T22:00:00.5Z")]
    [InlineData("01/12/2026", null)]
    [InlineData("2026-12", null)]
    [InlineData("2026-12-1", null)]
    [InlineData("20261201", null)]
    [InlineData("2026-W49-2", null)]
    [InlineData("2026-02-30", null)]
    [InlineData("2026-12-01T10:00", null)]
    [InlineData("1 Dec 2026", null)]
    [InlineData("now", null)]
    public void A_date_alone_is_its_midnight_in_UTC_where_people_select(string text, string? expected) =>
        Assert.Equal(expected, Rfc3339.TryReadDateOrTime(text, out var time) ? Rfc3339.Write(time) : null);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Two_readers_agree_about_random_texts(int seed)
    {
        var random = new Random(seed);
        var read = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = Text(random);
            var expected = Reference(text);
            Assert.True(expected.HasValue == Rfc3339.TryRead(text, out var time), text);
            if (expected is { } ticks)
            {
                Assert.True(ticks == time.UtcTicks, $"{text}: {time:O}");
                read++;
            }
        }

        Assert.InRange(read, 5_000, 45_000);
    }

    private static string Text(Random random)
    {
        int Near(int least, int most) => random.Next(8) switch { 0 => least, 1 => most, 2 => least - 1, 3 => most + 1, _ => random.Next(least, most + 1) };
        string Two(int number) => Math.Max(number, 0).ToString("00", CultureInfo.InvariantCulture);
        var year = random.Next(4) == 0 ? Near(0, 9999) : random.Next(1900, 2100);
        var isLeap = random.Next(6) == 0;
        var date = $"{Math.Max(year, 0).ToString("0000", CultureInfo.InvariantCulture)}-{Two(isLeap ? random.Next(1, 13) : Near(1, 12))}-{Two(isLeap ? random.Next(28, 32) : Near(1, 31))}";
        var clock = isLeap ? "23:59:60" : $"{Two(random.Next(3) == 0 ? Near(0, 23) : random.Next(24))}:{Two(random.Next(60))}:{Two(random.Next(3) == 0 ? Near(0, 60) : random.Next(60))}";
        var fraction = random.Next(2) == 0 ? "" : "." + string.Concat(Enumerable.Range(0, random.Next(0, 24)).Select(_ => (char)('0' + random.Next(10))));
        var offset = random.Next(3) > 0 ? random.Next(2) == 0 ? "Z" : "z" : $"{(random.Next(2) == 0 ? '+' : '-')}{Two(Near(0, 23))}:{Two(random.Next(3) == 0 ? Near(0, 59) : random.Next(60))}";
        var text = date + (random.Next(2) == 0 ? "T" : "t") + clock + fraction + offset;
        if (random.Next(4) > 0)
            return text;
        var at = random.Next(text.Length);
        return random.Next(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, "0 :-.TZ+"[random.Next(8)].ToString()),
            _ => text[..at] + "0 :-.TZ+"[random.Next(8)] + text[(at + 1)..],
        };
    }

    /// <summary>Ticks in UTC by the grammar and by counting days; <see langword="null"/> for what is no time, or beyond what .NET has.</summary>
    private static long? Reference(string text)
    {
        if (Grammar().Match(text) is not { Success: true } m)
            return null;
        BigInteger Of(string name) => BigInteger.Parse(m.Groups[name].Value, CultureInfo.InvariantCulture);
        var (year, month, day) = ((int)Of("y"), (int)Of("mo"), (int)Of("d"));
        int[] lengths = [31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        if (year == 0 || month is 0 or > 12 || day == 0 || day > lengths[month - 1] || Of("h") > 23 || Of("mi") > 59 || Of("s") > 60)
            return null;
        var offset = BigInteger.Zero;
        if (m.Groups["oh"].Success)
        {
            if (Of("oh") > 23 || Of("om") > 59)
                return null;
            offset = ((Of("oh") * 60) + Of("om")) * (m.Groups["sign"].Value == "-" ? -1 : 1);
        }

        BigInteger before = year - 1;
        var days = (before * 365) + (before / 4) - (before / 100) + (before / 400) + lengths[..(month - 1)].Sum() + day - 1;
        var minutes = (((days * 24) + Of("h")) * 60) + Of("mi") - offset;
        var fraction = BigInteger.Parse((m.Groups["f"].Value + "0000000")[..7], CultureInfo.InvariantCulture);
        if (Of("s") == 60)
        {
            // The next minute has to be the first one of a month, in UTC.
            if (minutes + 1 == new BigInteger(3652059) * 1440)
                return DateTime.MaxValue.Ticks;
            if (minutes < 0 || minutes + 1 > new BigInteger(3652059) * 1440)
                return null;
            var next = new DateTime((long)(minutes + 1) * TimeSpan.TicksPerMinute);
            return next is { Day: 1, Hour: 0, Minute: 0 } ? next.Ticks - 1 : null;
        }

        var ticks = (((minutes * 60) + Of("s")) * 10_000_000) + fraction;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? (long)ticks : null;
    }

    [GeneratedRegex(@"^(?<y>[0-9]{4})-(?<mo>[0-9]{2})-(?<d>[0-9]{2})[Tt](?<h>[0-9]{2}):(?<mi>[0-9]{2}):(?<s>[0-9]{2})(\.(?<f>[0-9]+))?([Zz]|(?<sign>[+-])(?<oh>[0-9]{2}):(?<om>[0-9]{2}))\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}
