using Pipeline.Consumers;

namespace Pipeline.Tests;

/// <summary>The note on a message of how often it was given back for a reason that was not its own, and what a forged one wins.</summary>
public sealed class GivenBackTests
{
    private static readonly int _limit = new ConsumerOptions().MaxDeliveries;

    [Fact]
    public void However_often_a_message_is_given_back_it_is_its_first_delivery_that_counts()
    {
        var note = (string?)null;
        for (var number = 1; number <= 100; number++)
        {
            Assert.Equal(1, Of(number, note).CountedDeliveries);
            note = NoteAfter(number, note);
        }

        Assert.Equal("100/100", note);
    }

    [Fact]
    public void A_delivery_that_ends_without_a_word_right_after_a_give_back_is_excused_and_a_second_one_is_not()
    {
        var note = NoteAfter(1, null);

        Assert.Equal((1, 1, 2, 3), (Counted(2), Counted(3), Counted(4), Counted(5)));
        Assert.Equal("3/3", NoteAfter(3, note));

        int Counted(int number) => Of(number, note).CountedDeliveries;
    }

    [Fact]
    public void What_went_before_the_first_give_back_counts() =>
        Assert.Equal((3, 3), (Of(3, null).CountedDeliveries, Of(4, NoteAfter(3, null)).CountedDeliveries));

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3/")]
    [InlineData("/3")]
    [InlineData("3/3/3")]
    [InlineData("-3/3")]
    [InlineData("+3/3")]
    [InlineData(" 3/3")]
    [InlineData("3/3 ")]
    [InlineData("0/3")]
    [InlineData("4/3")]
    [InlineData("3/4")]
    [InlineData("3/99999999999999999999")]
    [InlineData("99999999999999999999/3")]
    [InlineData("2147483647/2147483647")]
    [InlineData("three/3")]
    [InlineData("3,3")]
    [InlineData("٣/٣")]
    [InlineData("3.0/3")]
    [InlineData("0x3/3")]
    public void A_note_that_cannot_be_ours_says_nothing(string note)
    {
        Assert.Equal(4, Of(4, note).CountedDeliveries);
        Assert.Equal("1/4", NoteAfter(4, note));
    }

    [Fact]
    public void No_forged_note_wins_a_message_more_than_the_limit_once_more_and_one_delivery()
    {
        var most = 0;
        for (var delivery = 0; delivery <= 120; delivery++)
        {
            for (var count = 0; count <= 120; count++)
            {
                var note = string.Create(CultureInfo.InvariantCulture, $"{count}/{delivery}");
                var number = 1;

                // A message that kills its process every time: nobody ever writes another note.
                while (Of(number, note).CountedDeliveries <= _limit)
                    number++;
                most = Math.Max(most, number - 1);
            }
        }

        Assert.Equal((2 * _limit) + 1, most);
    }

    private static ReceivedMessage Of(int number, string? note) => new()
    {
        Body = default,
        SessionId = "s",
        DeliveryCount = number,
        Properties = note is null ? [] : new Dictionary<string, string> { [ReceivedMessage.GivenBackProperty] = note },
    };

    private static string NoteAfter(int number, string? note) => (string)Of(number, note).GiveBackProperties()[ReceivedMessage.GivenBackProperty];
}
