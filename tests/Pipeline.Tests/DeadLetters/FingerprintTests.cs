using System.Reflection;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.Tests;

/// <summary>One cause, one fingerprint: what differs from message to message is left out, what tells causes apart stays.</summary>
public sealed class FingerprintTests
{
    [Theory]
    [InlineData("Booking 'b-17' was not found.", "Booking 'x' was not found.")]
    [InlineData("Booking b-17 was not found.", "Booking b-18 was not found.")]
    [InlineData("Booking 17.", "Booking 9812.")]
    [InlineData("Key 0b7d3f5c-7d3a-4f6e-9f0e-2b1c4d5e6f70 is taken.", "Key A1B2C3D4-0000-4f6e-9f0e-2b1c4d5e6f70 is taken.")]
    [InlineData("Sent 2026-01-31T08:00:00.123+00:00, too old.", "Sent 2025-12-01T00:00:00Z, too old.")]
    [InlineData("Took 1,234.5 ms", "Took 7 ms")]
    [InlineData("The file \"a b.txt\" is   locked.", "The file \"c\" is locked.")]
    [InlineData("$.rooms[0].count: -1 is not between 0 and 9", "$.rooms[0].count: 12 is not between 0 and 9")]
    [InlineData("Codes 1, 2, 3 failed.", "Codes 4 failed.")]
    [InlineData("See https://host:8081/a/1 now.", "See https://host:8082/a/2 now.")]
    public void What_differs_from_message_to_message_is_left_out(string one, string other) =>
        Assert.Equal(Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, one)).Id, Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, other)).Id);

    [Theory]
    [InlineData("The gateway is broken.", "The gateway is asleep.")]
    [InlineData("It doesn't work, and it can't.", "It doesn't fail, and it can't.")]
    [InlineData("TimeoutException: too slow", "PermanentFailureException: too slow")]
    public void What_tells_causes_apart_stays(string one, string other) =>
        Assert.NotEqual(Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, one)).Id, Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, other)).Id);

    [Fact]
    public void The_summary_says_what_happened_in_the_words_and_numbers_of_the_failure() =>
        Assert.Equal(
            "ContractViolation: $.rooms[0].count: -1 is not between 1 and 1000000",
            Fingerprint.Of(new Failure(DeadLetterReasons.ContractViolation, "$.rooms[0].count: -1 is not  between 1 and 1000000")).Summary);

    [Fact]
    public void The_reason_counts() =>
        Assert.NotEqual(Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, "x")).Id, Fingerprint.Of(new Failure(DeadLetterReasons.AttemptsExhausted, "x")).Id);

    [Fact]
    public void It_is_the_same_in_every_process() => Assert.Equal("32e388c1a3b6", Fingerprint.Of(new Failure(DeadLetterReasons.HandlerFailed, "x")).Id);

    [Fact]
    public void Of_an_exception_the_handler_counts_without_lines_and_generated_names()
    {
        var one = Describe("   at System.Net.Http.Send()\n   at Shop.Card.Charge(String id) in /a/Card.cs:line 7\n   at Shop.Pay.<Run>b__3_1(Int32 x)\n   at Pipeline.Consumers.X.Run()");
        var newBuild = Describe("   at Shop.Card.Charge(String id) in C:\\b\\Card.cs:line 12\n--- End of stack trace ---\n   at Shop.Pay.<Run>b__4_0(Int32 x)\n   at Pipeline.Consumers.X.Run()");
        var elsewhere = Describe("   at Shop.Card.Charge(String id)\n   at Shop.Refund.Run(Int32 x)\n   at Pipeline.Consumers.X.Run()");

        Assert.Equal(one.Id, newBuild.Id);
        Assert.NotEqual(one.Id, elsewhere.Id);
        Assert.Equal("HandlerFailed: TimeoutException: Booking b-1 is late. (at Shop.Card.Charge)", one.Summary);
    }

    /// <summary>The JIT compiler inlines methods as they get hot, and the next version of the pipeline has other methods.</summary>
    [Theory]
    [InlineData("   at Shop.Pay.Run(Int32 x)\n   at Pipeline.Consumers.X.Run()")]
    [InlineData("   at Shop.Pay.Run(Int32 x)\n   at Pipeline.Consumers.Y.Other()\n   at Shop.Main()")]
    [InlineData("   at Pipeline.Decisions.Decision.Publish()\n   at Shop.Guard.Check()\n   at Shop.Pay.Run(Int32 x)\n   at Pipeline.Consumers.X.Run()")]
    public void What_the_handler_called_and_what_called_it_do_not_count(string stack) =>
        Assert.Equal(Describe("   at Shop.Guard.Check()\n   at Shop.Pay.Run(Int32 x)\n   at Pipeline.Consumers.X.Run()").Id, Describe(stack).Id);

    /// <summary>What is optimized at once is never compiled anew with the handler inlined, which would take it out of the stack.</summary>
    [Fact]
    public void A_handler_stays_in_the_stack_of_what_it_throws()
    {
        var consumer = Consumer.Of("a/b", "b", new DocumentState<Note>())
            .On<Note>((_, _, _) => Decision<Note>.Nothing())
            .On<Note2, IDisposable>((_, _, _, _, _) => Task.FromResult(Decision<Note>.Nothing()));
        Assert.Equal(2, consumer.Handlers.Count);
        Assert.All(consumer.Handlers.Values, handler => Assert.True(handler.Run.Method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization)));
    }

    private static Fingerprint Describe(string stack) => Fingerprint.Of(new Failure(
        DeadLetterReasons.HandlerFailed, "TimeoutException: Booking b-1 is late.", Exception: new ExceptionDetails("TimeoutException", "Booking b-1 is late.", stack.Split('\n'))));

    private sealed record Note(string Text);

    private sealed record Note2(string Text);

    [Fact]
    public void An_exception_is_kept_with_its_type_message_and_stack()
    {
        Failure failure;
        try
        {
            Fail();
            return;
        }
        catch (InvalidOperationException e)
        {
            failure = Failure.Of(DeadLetterReasons.HandlerFailed, e);
        }

        var kept = failure.Exception!;
        Assert.Equal((nameof(InvalidOperationException), "two\nlines"), (kept.Type, kept.Message));
        Assert.Contains(nameof(Fail), kept.Stack[0], StringComparison.Ordinal);
        Assert.Contains(nameof(Fail), Fingerprint.Of(failure).Summary, StringComparison.Ordinal);

        static void Fail() => throw new InvalidOperationException("two\nlines");
    }

    [Fact]
    public void A_huge_message_is_cheap_and_its_summary_short()
    {
        var print = Fingerprint.Of(new Failure("Reason", new string('\'', 1_000_000) + new string('a', 1_000_000)));
        Assert.True(print.Summary.Length <= Fingerprint.MaxSummaryLength);
        Assert.Matches("^[0-9a-f]{12}$", print.Id);
    }
}
