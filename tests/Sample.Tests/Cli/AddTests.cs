using Pipeline.Cli;
using Pipeline.Cli.Adding;
using Pipeline.Cli.Applications;
using Pipeline.Contracts;
using Pipeline.Generation;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.Cli;

/// <summary>What <c>pipeline add</c> writes. That it compiles and runs is for TemplateTests.</summary>
public sealed class AddTests : IDisposable
{
    private static readonly Workspace Sample = new(Repository.Root);

    private readonly string _folder = Directory.CreateTempSubdirectory("add-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_event_gets_its_type_topic_subject_and_fields()
    {
        var addition = NewEvent.Of(Sample, ContractCatalog.All, "InvoicePaid", "billing", [NewField.Of("invoiceId:text"), NewField.Of("amount:decimal"), NewField.Of("paidAt:time")]);
        var file = Assert.Single(addition.Files);
        Assert.Equal("contracts/Billing/InvoicePaid.cs", file.Path);
        Assert.Equal(
            """
            using Pipeline.Contracts;

            namespace Pipeline.Contracts.Billing;

            /// <summary>Invoice paid.</summary>
            /// <param name="InvoiceId">The invoice id.</param>
            /// <param name="Amount">The amount.</param>
            /// <param name="PaidAt">The paid at.</param>
            [Event("com.contoso.billing.invoice-paid.v1", "billing", "{invoiceId}")]
            public sealed record InvoicePaid(
                [Text(1, 200)] string InvoiceId,
                [Number(0, 1_000_000_000)] decimal Amount,
                DateTimeOffset PaidAt);

            """.ReplaceLineEndings("\n"),
            file.Text.ReplaceLineEndings("\n"));
    }

    /// <summary>A generated event counts as approved, and its limits are to be narrowed before that.</summary>
    [Theory]
    [InlineData("narrow the limits of its fields", "invoiceId:text")]
    [InlineData("add the fields")]
    public void An_event_is_only_begun_so_that_nothing_is_approved_yet(string told, params string[] fields)
    {
        var addition = NewEvent.Of(Sample, [], "InvoicePaid", "billing", [.. fields.Select(NewField.Of)]);
        Assert.False(addition.IsComplete);
        Assert.Contains(told, addition.Next[0], StringComparison.Ordinal);
        Assert.EndsWith(" generate, which approves it", addition.Next[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_without_fields_gets_a_subject()
    {
        var addition = NewEvent.Of(Sample, [], "ParcelLost", "post", []);
        Assert.Contains("""[Event("com.example.post.parcel-lost.v1", "post", "{parcelId}")]""", addition.Files[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invoiceId", "is no field")]
    [InlineData("invoiceId:string", "The types are text, int")]
    [InlineData("1:text", "is no field")]
    [InlineData(":text", "is no field")]
    public void A_field_that_is_none_is_told(string field, string told) =>
        Assert.Contains(told, Assert.Throws<CliFailure>(() => NewField.Of(field)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_subject_is_a_text() =>
        Assert.Contains("make it a text, not int", Assert.Throws<CliFailure>(() => NewEvent.Of(Sample, [], "Counted", "post", [NewField.Of("count:int")])).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_service_gets_state_consumer_query_and_test()
    {
        var addition = NewService.Of(Sample, "LoyaltyPoints", EventRecord.Find(await ContractsAsync(), "OrderPlacedV2"));
        Assert.Equal(
            ["services/LoyaltyPoints/LoyaltyPointsState.cs", "functions/LoyaltyPointsApi.cs", "tests/Services.Tests/LoyaltyPointsStateTests.cs"], addition.Files.Select(f => f.Path));
        Assert.Contains("""Consumer.Of("ordering/loyalty-points", "loyalty-points", Document)""", addition.Files[0].Text, StringComparison.Ordinal);
        Assert.Contains(".On<OrderPlacedV2>(Handle)", addition.Files[0].Text, StringComparison.Ordinal);
        Assert.Contains("using Pipeline.Contracts.Ordering;", addition.Files[0].Text, StringComparison.Ordinal);
        Assert.Contains("Route = \"loyalty-points/{id}\"", addition.Files[1].Text, StringComparison.Ordinal);
        Assert.Contains("Problem(ProblemTypes.NotFound, $\"Nothing is known of '{id}'.\")", addition.Files[1].Text, StringComparison.Ordinal);
        Assert.Contains("new OrderPlacedV2(\"a\", \"a\", null!, [], \"a\")", addition.Files[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_changes_the_state_of_its_service()
    {
        var handled = EventRecord.Find(await ContractsAsync(), "payment-charged");
        var addition = NewConsumer.Of(Sample, "Receipt", "ordering", handled, [new("ordering", "Pipeline.Services.Ordering.Order", "Pipeline.Services.Ordering.Order.Stream")]);
        var file = Assert.Single(addition.Files);
        Assert.Equal("services/Ordering/Receipt.cs", file.Path);
        Assert.Contains("""Consumer.Of("payments/receipt", "ordering", Order.Stream)""", file.Text, StringComparison.Ordinal);
        Assert.Contains("Decision<Order> Handle(Order? state, PaymentCharged message, HandlerContext context)", file.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody", "There is no service 'nobody'. The services are one, two")]
    [InlineData("onne", "There is no service 'onne'. Did you mean one? The services")]
    [InlineData("two", "The service 'two' has several states: N.B, N.C")]
    public async Task A_consumer_needs_a_service_with_one_state(string service, string told)
    {
        var handled = EventRecord.Find(await ContractsAsync(), "payment-charged");
        ServiceState[] states = [new("one", "N.A", "N.A.Document"), new("two", "N.B", "N.B.Document"), new("two", "N.C", "N.C.Document")];
        Assert.Contains(told, Assert.Throws<CliFailure>(() => NewConsumer.Of(Sample, "X", service, handled, states)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reserve-stock", "is no event")]
    [InlineData("no-such-event", "There is no contract")]
    [InlineData("order-plcaed", "Did you mean order-placed?")]
    [InlineData("OrderPlacdV2", "Did you mean OrderPlacedV2?")]
    public async Task What_cannot_be_handled_is_told(string type, string told)
    {
        var contracts = await ContractsAsync();
        Assert.Contains(told, Assert.Throws<CliFailure>(() => EventRecord.Find(contracts, type)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event", "paid", "--service", "billing")]
    [InlineData("service", "loyalty-points", "--on", "order-placed")]
    [InlineData("event", "OrderPlacedV2", "--service", "ordering")]
    public async Task A_name_that_cannot_be_one_or_is_taken_is_told_in_one_line(params string[] args) =>
        (await CliRun.OfAsync(["add", .. args])).AssertFailsInOneLine(ExitCode.Failed);

    [Fact]
    public async Task A_file_that_is_there_stays_and_nothing_else_is_written()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "services"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "services", "B.cs"), "mine");
        using var output = new StringWriter();
        var writing = new Writing(Terminal.Plain(output, TextWriter.Null), new Workspace(_folder));
        var addition = new Addition([new("services/A.cs", "a"), new("services/B.cs", "b")], IsComplete: false, []);

        var failure = await Assert.ThrowsAsync<CliFailure>(() => writing.RunAsync(addition, default));

        Assert.Contains("services/B.cs is there already, and nothing was written", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["B.cs"], Directory.GetFiles(Path.Combine(_folder, "services")).Select(Path.GetFileName));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(_folder, "services", "B.cs")));
    }

    [Theory]
    [InlineData("InvoicePaid", "invoice-paid", "invoice paid")]
    [InlineData("SEPAPayment", "sepapayment", "sepapayment")]
    [InlineData("billing", "billing", "billing")]
    [InlineData("loyalty-points", "loyalty-points", "loyalty-points")]
    public void Names_are_written_as_each_place_has_them(string name, string kebab, string words) =>
        Assert.Equal((kebab, words), (Names.Kebab(name), Names.Words(name)));

    private static Task<AppContracts> ContractsAsync() => AppContracts.LoadAsync(Repository.PathOf("contracts"), Terminal.Plain(TextWriter.Null, TextWriter.Null), default);
}
