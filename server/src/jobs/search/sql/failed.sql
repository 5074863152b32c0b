-- Records of a connection that could not be embedded, behind one of them, by model and id.
select model.model, failed.record_id, failed.error, failed.tries, failed.failed_at
from search_failed as failed
join search_model as model
    on model.id = failed.model_id
where model.connection_id = $1
    and ($2 = '' or model.model = $2)
    and (model.model, failed.record_id) > ($3, $4)
order by model.model, failed.record_id
limit $5
