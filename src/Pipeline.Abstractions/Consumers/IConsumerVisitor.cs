namespace Pipeline.Consumers;

/// <summary>Takes a consumer with the type of its state, for code that has it without.</summary>
/// <typeparam name="TResult">What is made of it.</typeparam>
internal interface IConsumerVisitor<out TResult>
{
    /// <summary>Takes the consumer.</summary>
    TResult Visit<TState>(Consumer<TState> consumer)
        where TState : class;
}
