using Pipeline.DeadLetters;

namespace Pipeline.Tests;

public sealed class RefusableTests
{
    [Fact]
    public void A_result_is_no_refusal()
    {
        Refusable<string> result = "done";

        Assert.True(result.TryGet(out var value, out var refusal));
        Assert.Equal(("done", null), (value, refusal));
    }

    [Fact]
    public void A_refusal_has_its_reason()
    {
        Assert.False(Refusable<string>.Refused("No.").TryGet(out var value, out var refusal));
        Assert.Equal((null, "No."), (value, refusal));
    }

    [Fact]
    public void What_was_never_set_is_refused() => Assert.False(default(Refusable<string>).TryGet(out _, out _));
}
